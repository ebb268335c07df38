import Compute
import Foundation
import Losses
import TestSupport
import Testing

@Suite struct HeatmapTargetsTests {
  private struct Row: Sendable {
    let height, width, overlap: Double
    let bounds: (Double, Double, Double)
    let radius: Int
  }

  private static let rows = [
    Row(height: 10, width: 10, overlap: 0.7, bounds: (0.925148, 0.816700, 0.976143), radius: 0),
    Row(height: 20, width: 40, overlap: 0.7, bounds: (2.453248, 2.154767, 2.627090), radius: 2),
    Row(height: 20, width: 40, overlap: 0.3, bounds: (8.338265, 5.780456, 11.299556), radius: 5),
    Row(height: 64, width: 64, overlap: 0.3, bounds: (20.520562, 14.472878, 26.423739), radius: 14),
  ]

  @Test(arguments: rows)
  private func radiusIsCornerNets(row: Row) {
    let bounds = BumpRadius(
      height: row.height, width: row.width, minimumOverlap: row.overlap)
    #expect(abs(bounds.bothWays - row.bounds.0) < 1e-6)
    #expect(abs(bounds.inwards - row.bounds.1) < 1e-6)
    #expect(abs(bounds.outwards - row.bounds.2) < 1e-6)
    #expect(bounds.pixels == row.radius)
  }

  /// A box whose corners move by a bound overlaps itself by exactly the given IoU.
  @Test func boundsAreWhatTheyClaim() {
    for index in 0..<200 {
      let values = randomValues(3, in: 0.05...0.95, seed: UInt64(index)).map { Double($0) }
      let (h, w, m) = (100 * values[0], 100 * values[1], values[2])
      let bounds = BumpRadius(height: h, width: w, minimumOverlap: m)
      let area = h * w
      let shared = (h - bounds.bothWays) * (w - bounds.bothWays)
      #expect(abs(shared / (2 * area - shared) - m) < 1e-9, "case \(index)")
      #expect(abs((h - 2 * bounds.inwards) * (w - 2 * bounds.inwards) / area - m) < 1e-9)
      #expect(abs(area / ((h + 2 * bounds.outwards) * (w + 2 * bounds.outwards)) - m) < 1e-9)
    }
    // An overlap of 1 leaves nothing to move.
    #expect(BumpRadius(height: 7, width: 3, minimumOverlap: 1).pixels == 0)
  }

  /// The integers that CenterNet's formula gives, as its own code does.
  @Test(arguments: [
    (10.0, 10.0, 0.7, 2), (20, 40, 0.7, 7), (64, 64, 0.7, 17), (4, 4, 0.7, 1), (10, 10, 0.3, 4),
    (20, 40, 0.3, 13), (64, 64, 0.3, 31),
  ])
  func radiusIsCenterNets(height: Double, width: Double, overlap: Double, radius: Int) {
    let bounds = BumpRadius(
      height: height, width: width, minimumOverlap: overlap, rule: .centernet)
    #expect(bounds.pixels == radius)
  }

  /// A bump in the middle of a pixel.
  private func bump(row: Int, column: Int, radius: Int, deviation: Float? = nil) -> GaussianBump {
    GaussianBump(
      x: Double(column) + 0.5, y: Double(row) + 0.5, radius: radius, standardDeviation: deviation)
  }

  /// Bumps in one map.
  private func drawn(_ shape: Shape, _ bumps: GaussianBump...) throws -> [Float] {
    var targets = HeatmapTargets(in: try Tensor(shape))
    for bump in bumps { targets.draw(bump, image: 0, keypoint: 0) }
    return targets.maps.values
  }

  @Test(arguments: ["pose", "distance aware"])
  func drawsTheReferenceMaps(name: String) throws {
    let golden = try #require(try goldenCases("losses").first { $0.name == name })
    var targets = HeatmapTargets(in: try Tensor(logitShape(golden)))
    let bumps = try golden.array("bumps")
    for start in stride(from: 0, to: bumps.count, by: 6) {
      let values = bumps[start..<start + 6].map { Int($0) }
      // The distance-aware maps have CornerNet's own width.
      targets.draw(
        bump(
          row: values[2], column: values[3], radius: values[4],
          deviation: name == "pose" ? bumps[start + 5] : nil), image: values[0],
        keypoint: values[1])
    }
    expectClose(targets.maps.values, try golden.array("targets"), absolute: 1e-8, name)
  }

  @Test func overlapsTakeTheLargerValue() throws {
    let shape = Shape(height: 5, width: 7, channels: 1)
    let (wide, narrow) = (bump(row: 2, column: 2, radius: 2), bump(row: 2, column: 3, radius: 1))
    let both = try drawn(shape, wide, narrow)
    let first = try drawn(shape, wide)
    #expect(both == zip(first, try drawn(shape, narrow)).map { max($0, $1) })
    #expect(both != first && first.filter { $0 == 1 }.count == 1)
    #expect(abs(wide.standardDeviation - 0.8333333) < 1e-6)
  }

  @Test func bordersClip() throws {
    let shape = Shape(height: 3, width: 2, channels: 1)
    for (row, column) in [(-3, 0), (9, 1), (1, 40), (1, -40)] {
      let values = try drawn(shape, bump(row: row, column: column, radius: 2))
      #expect(values.allSatisfy { $0 == 0 })
    }
    expectClose(
      try drawn(shape, bump(row: -1, column: 0, radius: 1, deviation: 1)),
      [exp(-0.5), exp(-1), 0, 0, 0, 0])
  }

  /// A wide window ends where the bump falls below the machine epsilon: zeros there are exact.
  @Test func valuesBelowEpsilonAreZero() throws {
    let values = try drawn(
      Shape(width: 9, channels: 1), bump(row: 0, column: 0, radius: 8, deviation: 1))
    // e^(−25/2) = 4e-6 stays, e^(−36/2) = 1.5e-8 does not.
    #expect(values.map { $0 > 0 } == [true, true, true, true, true, true, false, false, false])
  }

  /// A bump that is not moved to the middle of its pixel is symmetric about its own.
  @Test func aBumpMayLieBetweenPixels() throws {
    let shape = Shape(width: 6, channels: 1)
    let between = GaussianBump(
      x: 3, y: 0.5, radius: 2, standardDeviation: 1, isCentered: false)
    let values = try drawn(shape, between)
    // Its pixel is the one right of the edge at 3, and the window two to either side of it.
    expectClose(values, [0, exp(-1.125), exp(-0.125), exp(-0.125), exp(-1.125), exp(-3.125)])
    let centered = GaussianBump(x: 3, y: 0.5, radius: 2, standardDeviation: 1)
    #expect(try drawn(shape, centered)[3] == 1)
  }

  @Test func objectsAreCountedByPixel() throws {
    var targets = HeatmapTargets(in: try Tensor(Shape(batch: 2, height: 4, width: 4, channels: 2)))
    for (image, keypoint, row, column) in [(0, 0, 1, 1), (0, 0, 1, 1), (0, 0, 2, 1), (1, 1, 9, 1)] {
      targets.draw(
        bump(row: row, column: column, radius: 1), image: image, keypoint: keypoint)
    }
    #expect(targets.centers == [[5, 9], [], [], []])
    #expect(HeatmapTargets(maps: targets.maps).centers == targets.centers)
    targets.removeLabel(image: 1, keypoint: 0)
    #expect(targets.isLabelled == [true, true, false, true])
  }
}
