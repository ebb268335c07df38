import Compute
import Foundation
import Geometry
import Images
import Keypoints
import TestSupport
import Testing

@testable import Datasets

/// Persons zoomed, turned, moved and mirrored: keypoints lie where their pixels do.
@Suite struct RandomTurnTests {
  private static let colours: [(UInt8, UInt8, UInt8)] = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
  private static let dots = [Point(70.5, 50.5), Point(92.5, 61.5), Point(79.5, 83.5)]

  /// A black picture of 160 x 120 with a disc of each colour at its place.
  private static let picture: Image = {
    var image = Image(width: 160, height: 120)
    for (colour, dot) in zip(colours, dots) {
      for y in 0..<120 {
        for x in 0..<160 where hypot(Double(x) + 0.5 - dot.x, Double(y) + 0.5 - dot.y) < 6 {
          image[x, y] = colour
        }
      }
    }
    return image
  }()

  private func truth(region: Box? = nil) throws -> KeypointTruth {
    KeypointTruth(
      layout: try KeypointLayout(names: ["left", "right", "top"], pairs: [(0, 1)]),
      points: Self.dots.enumerated().map {
        LabelledKeypoint(index: $0.offset, position: $0.element)
      },
      region: region)
  }

  private func still() -> Augmentation { .none(.letterbox) }

  private func draw(
    _ augmentation: Augmentation, region: Box?, seed: UInt64, size: (Int, Int) = (64, 64)
  ) -> ImageVariation {
    var random = RandomStream(seed: seed)
    return augmentation.draw(
      imageWidth: 160, imageHeight: 120, inputWidth: size.0, inputHeight: size.1, region: region,
      using: &random)
  }

  private func render(_ variation: ImageVariation) throws -> [Float] {
    let input = try Tensor(
      Shape(height: variation.inputHeight, width: variation.inputWidth, channels: 3))
    input.withMutableHostValues { $0.update(repeating: .nan) }
    variation.sampler.render(Self.picture, into: input, index: 0)
    return values(input)
  }

  /// The middle of a colour's mass as fractions of the input, and whether all of it is shown.
  private func middle(_ colour: Int, _ values: [Float], _ width: Int, _ height: Int) -> Point? {
    var (mass, x, y, border) = (0.0, 0.0, 0.0, 0.0)
    for row in 0..<height {
      for column in 0..<width {
        let value = Double(values[3 * (row * width + column) + colour])
        mass += value
        x += value * (Double(column) + 0.5)
        y += value * (Double(row) + 0.5)
        if row < 2 || column < 2 || row > height - 3 || column > width - 3 { border += value }
      }
    }
    guard mass > 1, border == 0 else { return nil }
    return Point(x / mass / Double(width), y / mass / Double(height))
  }

  @Test(
    arguments: [
      nil, Box(left: 40, top: 30, right: 120, bottom: 110),
      Box(left: -60, top: 20, right: 130, bottom: 180),
      Box(left: 50, top: 40, right: 200, bottom: 90),
    ], [(64, 64), (72, 56)])
  func keypointsLieWherePixelsDo(region: Box?, size: (Int, Int)) throws {
    var augmentation = still()
    augmentation.flips = true
    augmentation.jitter = 0.1
    augmentation.turn = RandomTurn(zoom: 0.25, angle: 30, turnedShare: 0.7, shift: 0.1)
    let truth = try truth(region: region)
    var (judged, mirrored) = (0, 0)
    for seed in 0..<60 as Range<UInt64> {
      let variation = draw(augmentation, region: region, seed: seed, size: size)
      #expect(variation.view != nil)
      let shown = try render(variation)
      let placed = truth.placed(by: variation)
      for point in placed.points {
        // A mirrored left one has the colour of the left one and the name of the right one.
        let colour = variation.isMirrored ? [1, 0, 2][point.index] : point.index
        guard let place = middle(colour, shown, size.0, size.1) else { continue }
        judged += 1
        if variation.isMirrored { mirrored += 1 }
        #expect(abs(place.x - point.position.x) * Double(size.0) < 0.35, "\(seed)")
        #expect(abs(place.y - point.position.y) * Double(size.1) < 0.35, "\(seed)")
      }
    }
    #expect(judged > 60 && mirrored > 20 && judged - mirrored > 20)
  }

  /// The same without a turn, where pictures are sampled in another way.
  @Test(arguments: [
    nil, Box(left: 40, top: 30, right: 120, bottom: 110),
    Box(left: -60, top: 20, right: 130, bottom: 180),
  ])
  func keypointsOfUpright(region: Box?) throws {
    var augmentation = still()
    augmentation.flips = true
    augmentation.jitter = 0.15
    let truth = try truth(region: region)
    var judged = 0
    for seed in 0..<20 as Range<UInt64> {
      let variation = draw(augmentation, region: region, seed: seed)
      let shown = try render(variation)
      for point in truth.placed(by: variation).points {
        let colour = variation.isMirrored ? [1, 0, 2][point.index] : point.index
        guard let place = middle(colour, shown, 64, 64) else { continue }
        judged += 1
        #expect(abs(place.x - point.position.x) * 64 < 0.35)
        #expect(abs(place.y - point.position.y) * 64 < 0.35)
      }
    }
    #expect(judged > 30)
  }

  @Test func zerosLeavePicturesAsTheyAre() throws {
    var augmentation = still()
    let region = Box(left: 40, top: 30, right: 120, bottom: 110)
    for region in [nil, region] {
      augmentation.turn = nil
      let plain = draw(augmentation, region: region, seed: 3)
      augmentation.turn = RandomTurn()
      let turned = draw(augmentation, region: region, seed: 3)
      #expect(plain.view == nil && turned.view != nil)
      expectClose(try render(turned), try render(plain), relative: 1e-5, absolute: 1e-5)
      let truth = try truth(region: region)
      for (a, b) in zip(truth.placed(by: plain).points, truth.placed(by: turned).points) {
        #expect(a.index == b.index)
        #expect(abs(a.position.x - b.position.x) < 1e-6 && abs(a.position.y - b.position.y) < 1e-6)
      }
    }
  }

  /// Sizes, angles and moves of many draws.
  @Test func whatIsDrawn() {
    let region = Box(left: 40, top: 30, right: 104, bottom: 94)
    func draws(_ turn: RandomTurn) -> [(size: Double, angle: Double, move: Point)] {
      var augmentation = still()
      augmentation.turn = turn
      return (0..<400).compactMap { seed in
        guard let map = draw(augmentation, region: region, seed: UInt64(seed)).view else {
          return nil
        }
        // One pixel of the input is one of the picture; the middle is at (32, 32) and (72, 62).
        let middle = map(Point(32, 32))
        return (
          log2((map.a * map.e - map.b * map.d).squareRoot()),
          atan2(map.b, map.a) * 180 / .pi, Point((72 - middle.x) / 64, (62 - middle.y) / 64)
        )
      }
    }
    func deviation(_ values: [Double]) -> Double {
      (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
    }
    let zoomed = draws(RandomTurn(zoom: 0.25))
    #expect(zoomed.count == 400)
    #expect(zoomed.allSatisfy { abs($0.angle) < 1e-9 && abs($0.move.x) < 1e-9 })
    #expect(zoomed.allSatisfy { abs($0.size) < 0.5 + 1e-9 })
    #expect(abs(deviation(zoomed.map(\.size)) - 0.24) < 0.03)
    // Some are cut at two deviations.
    #expect(zoomed.contains { abs(abs($0.size) - 0.5) < 1e-9 })
    let turned = draws(RandomTurn(angle: 30, turnedShare: 0.4))
    #expect(turned.allSatisfy { abs($0.size) < 1e-9 && abs($0.angle) < 60 + 1e-9 })
    let share = Double(turned.count { $0.angle != 0 }) / 400
    #expect(abs(share - 0.4) < 0.08)
    #expect(abs(deviation(turned.filter { $0.angle != 0 }.map(\.angle)) - 28.8) < 4)
    #expect(turned.contains { $0.angle > 5 } && turned.contains { $0.angle < -5 })
    let moved = draws(RandomTurn(shift: 0.2))
    #expect(moved.allSatisfy { abs($0.move.x) <= 0.2 + 1e-6 && abs($0.move.y) <= 0.2 + 1e-6 })
    #expect(abs(deviation(moved.map(\.move.x)) - 0.2 / 3.0.squareRoot()) < 0.02)
    #expect(abs(deviation(moved.map(\.move.y)) - 0.2 / 3.0.squareRoot()) < 0.02)
    // As often to either side.
    #expect(abs(moved.reduce(0) { $0 + $1.move.x } / 400) < 0.02)
  }

  /// The person becomes smaller by what is shown more.
  @Test func turnsAboutTheMiddle() {
    var augmentation = still()
    augmentation.turn = RandomTurn(zoom: 1, angle: 90)
    let region = Box(left: 40, top: 30, right: 104, bottom: 94)
    for seed in 0..<20 as Range<UInt64> {
      let view = draw(augmentation, region: region, seed: seed).view
      let middle = view?(Point(32, 32)) ?? Point(0, 0)
      #expect(abs(middle.x - 72) < 1e-9 && abs(middle.y - 62) < 1e-9)
    }
  }

  // MARK: - Regions

  /// An evaluation loader shows what a predictor's placement shows.
  @Test(arguments: [
    nil, Box(left: 40, top: 30, right: 120, bottom: 110),
    Box(left: -60, top: 20, right: 130, bottom: 180),
    Box(left: 50, top: 40, right: 200, bottom: 90),
    Box(left: 300, top: 300, right: 310, bottom: 310),
    Box(left: 20, top: 20, right: 20.25, bottom: 20.25),
  ])
  func loadersShowThePlacement(region: Box?) throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.png")
      try Self.picture.writePNG(to: url)
      let sample = Sample(id: "a", image: .file(url), target: try truth(region: region))
      let loader = try BatchLoader(
        samples: [sample],
        configuration: .evaluation(batchSize: 1, resize: .letterbox, fill: 0.5),
        pool: try ThreadPool(threadCount: 1)
      ) { _ in (64, 48) }
      let batch = try #require(try loader.next())
      let placement = ImagePlacement(
        imageWidth: 160, imageHeight: 120, inputWidth: 64, inputHeight: 48, mode: .letterbox,
        region: region)
      let expected = try Tensor(Shape(height: 48, width: 64, channels: 3))
      ImageSampler(placement, fill: 0.5).render(Self.picture, into: expected, index: 0)
      #expect(values(batch.input) == values(expected))
      #expect(batch.sources[0].variation.region == region)
      // The keypoints of the batch are where the placement would look for them.
      for point in batch.targets[0].points {
        let back = placement.toImage(point.position)
        let dot = Self.dots[point.index]
        #expect(abs(back.x - dot.x) < 1e-4 && abs(back.y - dot.y) < 1e-4)
      }
      if region == nil { #expect(batch.targets[0].points.count == 3) }
      if let region, region.left == 300 {
        #expect(batch.targets[0].points.isEmpty && values(batch.input).allSatisfy { $0 == 0 })
      }
    }
  }
}
