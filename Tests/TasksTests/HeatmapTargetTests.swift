import Compute
import Darknet
import Foundation
import Geometry
import Keypoints
import Losses
import TestSupport
import Testing

@testable import Tasks

/// What maps shall be.
@Suite struct HeatmapTargetTests {
  private let shape = Shape(batch: 1, height: 8, width: 16, channels: 3)

  private func targets<Kind: HeatmapTarget>(
    _: Kind.Type, _ keys: String, _ points: [LabelledKeypoint]
  ) throws -> HeatmapTargets {
    let small = try SmallHeatmaps<Kind>(keys)
    return try small.task.targets(
      of: small.task.output, shape: shape, truths: [try keypoints(points)])
  }

  private func targets(_ keys: String, _ points: [LabelledKeypoint]) throws -> HeatmapTargets {
    try targets(PersonJoints.self, keys, points)
  }

  /// A map's values above 0, by row and column.
  private func map(_ targets: HeatmapTargets, _ keypoint: Int) -> [[Int]: Float] {
    var found: [[Int]: Float] = [:]
    for (index, value) in targets.maps.values.enumerated()
    where index % 3 == keypoint && value > 0 { found[[index / 48, index / 3 % 16]] = value }
    return found
  }

  /// A bump between pixels: at x = 0.34375 · 16 = 5.5, the middle of a pixel, and y = 0.4 · 8 = 3.2.
  @Test func bumpsLieWhereKeypointsDo() throws {
    let points = [LabelledKeypoint(index: 1, position: Point(0.34375, 0.4))]
    let exact = try targets("sigma=1 window=2", points)
    #expect(exact.isLabelled == [false, true, false])
    #expect(map(exact, 0).isEmpty && map(exact, 2).isEmpty)
    let values = map(exact, 1)
    #expect(values.count == 25)
    for row in 1...5 {
      for column in 3...7 {
        let (dx, dy) = (Double(column) - 5, Double(row) + 0.5 - 3.2)
        let expected = Float(exp(-(dx * dx + dy * dy) / 2))
        #expect(abs((values[[row, column]] ?? 0) - expected) < 1e-6)
      }
    }
    // In the middle of the pixel, one is exactly 1.
    let centered = map(try targets("sigma=1 window=2 subpixel=0", points), 1)
    #expect(centered[[3, 5]] == 1 && centered[[2, 5]] == centered[[4, 5]])
    #expect(map(try targets("target=pixel", points), 1) == [[3, 5]: 1])
    // Without window= it ends at three σ.
    #expect(map(try targets("sigma=1", points), 1).keys.map { $0[1] }.max() == 8)
  }

  @Test func whatIsNotTrained() throws {
    let points = [
      LabelledKeypoint(index: 0, position: Point(0.5, 0.5), isOccluded: true),
      LabelledKeypoint(index: 2, position: Point(0.25, 0.5)),
    ]
    let all = try targets("", points)
    #expect(all.isLabelled == [true, false, true] && !map(all, 0).isEmpty)
    let seen = try targets("occluded=ignore", points)
    #expect(seen.isLabelled == [false, false, true] && map(seen, 0).isEmpty)
    // A keypoint of more names than the network has maps.
    let more = try targets("", points + [LabelledKeypoint(index: 7, position: Point(0.5, 0.5))])
    #expect(more.maps.values == all.maps.values && more.isLabelled == all.isLabelled)
    // What a picture's keypoints are dropped from, because they lie outside, is unlabelled.
    #expect(try targets("", []).isLabelled == [false, false, false])
  }

  @Test func emptyMapsOfCentresAreTrained() throws {
    let none = try targets(ObjectCenters.self, "", [])
    #expect(none.isLabelled == [true, true, true])
    #expect(none.maps.values.allSatisfy { $0 == 0 })
    let two = try targets(
      ObjectCenters.self, "sigma=1",
      [
        LabelledKeypoint(index: 1, position: Point(0.25, 0.5)),
        LabelledKeypoint(index: 1, position: Point(0.75, 0.5)),
      ])
    #expect(map(two, 1)[[4, 4]] == 1 && map(two, 1)[[4, 12]] == 1)
    #expect(two.isLabelled == [true, true, true] && two.centers.map(\.count) == [0, 2, 0])
  }

  /// Of an extent in the map's pixels, 10 x 10 here: the smallest of CornerNet's correct roots with
  /// m = .3 is 2, the largest of the old ones 4.
  @Test func radiusOfAnExtent() throws {
    func reach(_ keys: String, _ extent: Point?) throws -> (Int, Float) {
      let shape = Shape(batch: 1, height: 20, width: 40, channels: 3)
      let small = try SmallHeatmaps<ObjectCenters>(keys)
      let drawn = try small.task.targets(
        of: small.task.output, shape: shape,
        truths: [
          try keypoints([LabelledKeypoint(index: 0, position: Point(0.5, 0.5), extent: extent)])
        ])
      let values = drawn.maps.values
      let row = (0..<40).map { values[(10 * 40 + $0) * 3] }
      #expect(row[20] == 1)
      let reach = row.lastIndex { $0 > 0 }.map { $0 - 20 } ?? -1
      return (reach, row[21])
    }
    // 10 of 40 columns, 10 of 20 rows.
    let extent = Point(0.25, 0.5)
    func neighbour(_ deviation: Double) -> Float { Float(exp(-1 / (2 * deviation * deviation))) }
    let corner = try reach("radius=cornernet overlap=.3", extent)
    #expect(corner.0 == 2 && abs(corner.1 - neighbour(5.0 / 6)) < 1e-6)
    let center = try reach("radius=centernet overlap=.3", extent)
    #expect(center.0 == 4 && abs(center.1 - neighbour(9.0 / 6)) < 1e-6)
    // The bumps of objects without a size, and those of a fixed radius, have sigma=.
    for keys in ["radius=cornernet sigma=1", "sigma=1"] {
      let fixed = try reach(keys, keys.hasPrefix("r") ? nil : extent)
      #expect(fixed.0 == 3 && abs(fixed.1 - neighbour(1)) < 1e-6)
    }
    #expect(try reach("radius=cornernet sigma=1", Point(0, 0.5)).0 == 3)
    // A tiny one still has its pixel.
    #expect(try reach("radius=cornernet", Point(0.01, 0.01)).0 == 0)
  }
}
