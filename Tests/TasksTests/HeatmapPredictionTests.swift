import Compute
import Datasets
import Foundation
import Geometry
import Images
import Keypoints
import Layers
import Networks
import TestSupport
import Testing
import Uncertainty

@testable import Tasks

/// From maps to places in pictures.
@Suite struct HeatmapPredictionTests {
  /// Logits that are low but for some pixels: column, row, map, value.
  private func logits(
    _ peaks: [(x: Int, y: Int, map: Int, value: Float)], width: Int = 16, height: Int = 16
  ) -> [Float] {
    var values = [Float](repeating: -6, count: 3 * width * height)
    for peak in peaks { values[(peak.y * width + peak.x) * 3 + peak.map] = peak.value }
    return values
  }

  private let peaks: [(x: Int, y: Int, map: Int, value: Float)] = [
    (3, 6, 0, 2), (15, 4, 1, 1), (8, 11, 2, 3),
  ]

  /// A picture of 40 x 20 lies 16 x 8 pixels large in rows 4 ..< 12 of the input.
  @Test func placesInAWholePicture() throws {
    let small = try SmallHeatmaps<PersonJoints>("loss=bce decode=none", size: (16, 16))
    let plan = try small.forward(logits(peaks), mode: .inference)
    let placement = ImagePlacement(
      imageWidth: 40, imageHeight: 20, inputWidth: 16, inputHeight: 16, mode: .letterbox)
    let found = try small.task.predictions(plan, placements: [placement])[0]
    let expected = [Point(3.5, 2.5), Point(15.5, 0.5), Point(8.5, 7.5)]
    for (index, point) in found.points.enumerated() {
      #expect(point.index == index)
      #expect(abs(point.position.x - expected[index].x / 0.4) < 1e-9)
      #expect(abs(point.position.y - expected[index].y / 0.4) < 1e-9)
      #expect(abs(point.score - 1 / (1 + exp(-peaks[index].value))) < 1e-6)
      #expect(point.doubt?.baldAtPeak == nil)
    }
    #expect(found.size == PixelSize(width: 40, height: 20) && abs(found.scale - 2.5) < 1e-9)
  }

  /// A region of 10 x 10 at (50, −3), beyond the picture's edge, fills the input.
  @Test func placesInARegion() throws {
    let small = try SmallHeatmaps<PersonJoints>("loss=mse decode=none", size: (16, 16))
    let plan = try small.forward(logits(peaks), mode: .inference)
    let placement = ImagePlacement(
      imageWidth: 55, imageHeight: 30, inputWidth: 16, inputHeight: 16, mode: .letterbox,
      region: Box(left: 50, top: -3, right: 60, bottom: 7))
    let found = try small.task.predictions(plan, placements: [placement])[0]
    let expected = [
      Point(50 + 3.5 * 0.625, -3 + 6.5 * 0.625), Point(50 + 15.5 * 0.625, -3 + 4.5 * 0.625),
      Point(50 + 8.5 * 0.625, -3 + 11.5 * 0.625),
    ]
    for (point, place) in zip(found.points, expected) {
      #expect(abs(point.position.x - place.x) < 1e-9 && abs(point.position.y - place.y) < 1e-9)
    }
    // Squared error has no logistic function: heights are the outputs themselves.
    #expect(found.points.map(\.score) == [2, 1, 3])
    #expect(abs(found.scale - 0.625) < 1e-9)
  }

  /// A quarter of a pixel toward the higher neighbours.
  @Test func placesBetweenPixels() throws {
    let small = try SmallHeatmaps<PersonJoints>("loss=bce", size: (16, 16))
    let plan = try small.forward(
      logits([(8, 8, 0, 2), (9, 8, 0, 1), (7, 8, 0, 0), (8, 7, 0, 1)]), mode: .inference)
    let placement = ImagePlacement(
      imageWidth: 16, imageHeight: 16, inputWidth: 16, inputHeight: 16, mode: .letterbox)
    let place = try small.task.predictions(plan, placements: [placement])[0].points[0].position
    #expect(place == Point(8.75, 8.25))
  }

  /// What spreads over pixels of the map is said in pixels of the picture.
  @Test func spreadInPixelsOfThePicture() throws {
    let small = try SmallHeatmaps<PersonJoints>("loss=mse", size: (16, 16))
    var values = [Float](repeating: 0, count: 768)
    (values[3 * (5 * 16 + 4)], values[3 * (5 * 16 + 8)]) = (1, 1)
    let plan = try small.forward(values, mode: .inference)
    let placement = ImagePlacement(
      imageWidth: 32, imageHeight: 32, inputWidth: 16, inputHeight: 16, mode: .letterbox)
    let doubt = try #require(
      try small.task.predictions(plan, placements: [placement])[0].points[0].doubt)
    // Half of the mass is 4 pixels away: √(16 / 2), each 2 of the picture.
    #expect(abs(doubt.spread - Float(2 * 8.0.squareRoot())) < 1e-5)
    #expect(doubt.secondPeak == 1 && abs(doubt.entropy - 1) < 1e-6)
  }

  @Test func objectsAreAllPeaks() throws {
    let many: [(x: Int, y: Int, map: Int, value: Float)] = [
      (2, 2, 0, 1), (9, 9, 0, 3), (5, 12, 2, 2), (3, 3, 0, 0.5), (12, 1, 1, -3.5), (12, 12, 1, -2),
    ]
    func found(_ keys: String, threshold: Float = 0.05) throws -> [FoundKeypoint] {
      var small = try SmallHeatmaps<ObjectCenters>("decode=none " + keys, size: (16, 16))
      var task = small.task
      task.settings.threshold = threshold
      let plan = try small.forward(logits(many), mode: .inference)
      let placement = ImagePlacement(
        imageWidth: 16, imageHeight: 16, inputWidth: 16, inputHeight: 16, mode: .letterbox)
      small = try SmallHeatmaps<ObjectCenters>()
      return try task.predictions(plan, placements: [placement])[0].points
    }
    // (3, 3) is beside a higher pixel; −3.5 is .03, below the threshold.
    let all = try found("")
    #expect(all.map(\.index) == [0, 2, 0, 1])
    #expect(
      all.map(\.position) == [
        Point(9.5, 9.5), Point(5.5, 12.5), Point(2.5, 2.5), Point(12.5, 12.5),
      ])
    #expect(try found("", threshold: 0.01).count == 5)
    #expect(try found("max=2").map(\.index) == [0, 2])
    // Larger windows leave fewer.
    #expect(try found("peak_window=15").map(\.index) == [0, 2, 1])
    #expect(try found("", threshold: 0.99).isEmpty)
  }

  // MARK: - Mirrored

  private let layout = "names=left,right,top flip=0:1 loss=bce decode=none"

  /// The mean of both, where the partner of a keypoint answers for it.
  @Test func flipTest() throws {
    let small = try SmallHeatmaps<PersonJoints>(layout, size: (5, 4))
    var task = small.task
    let input = randomValues(2 * 60, in: -3...3, seed: 9)
    let plan = try small.forward(input, mode: .inference)
    let plain = try task.maps(plan)
    task.settings.mirrors = true
    let mean = try task.maps(plan)
    // The maps are the channels themselves: mirrored and back, the other one of the pair.
    for image in 0..<2 {
      for (index, partner) in [1, 0, 2].enumerated() {
        let (own, other) = (plain[image].heat[index].values, plain[image].heat[partner].values)
        expectClose(
          mean[image].heat[index].values, zip(own, other).map { ($0 + $1) / 2 }, relative: 1e-6,
          absolute: 1e-7)
      }
    }
    // The input is what it was.
    #expect(plan.input.values == input)
    plan.forward()
    #expect(try task.maps(plan).map(\.heat) == mean.map(\.heat))
  }

  /// A network that does not know left from right says the same with and without.
  @Test func flipTestOfASymmetricNetwork() throws {
    for hasBranch in [false, true] {
      let small = try SmallHeatmaps<PersonJoints>(
        layout, hasBranch: hasBranch, size: (6, 4), hidden: 1)
      small.network.initializeWeights(RandomStream(seed: 3))
      for node in small.network.nodes {
        for parameter in node.layer.parameters where parameter.values.count > 3 {
          // Kernels that are their own mirror images, and of the last layers alike for both sides.
          let (values, shape) = (parameter.values.values, parameter.values.shape)
          parameter.values.update(
            from: values.indices.map { index in
              let (tap, filter) = (index / 3, index % 3)
              let column = tap / 3 % shape.height
              let other = tap + 3 * (shape.height - 1 - 2 * column)
              let from = filter == 1 && node.inputs[0] >= 0 ? 0 : filter
              return values[3 * tap + from] + values[3 * other + from]
            })
        }
      }
      small.network.parametersDidChange()
      var task = small.task
      let input = randomValues(72, seed: 5)
      let plan = try small.forward(input, mode: .inference)
      let plain = try task.maps(plan)[0]
      #expect(plain.heat[0] == plain.heat[1] && plain.heat[0] != plain.heat[0].mirrored)
      #expect(plain.bald.isEmpty != hasBranch)
      task.settings.mirrors = true
      let mean = try task.maps(plan)[0]
      for index in 0..<3 {
        expectClose(
          mean.heat[index].values, plain.heat[index].values, relative: 1e-5, absolute: 1e-6)
        if hasBranch {
          expectClose(
            mean.bald[index].values, plain.bald[index].values, relative: 1e-4, absolute: 1e-5)
        }
      }
    }
  }

  // MARK: - Doubt

  @Test func uncertaintyOfAPeak() throws {
    let small = try SmallHeatmaps<PersonJoints>(
      "loss=uncertainty sigma=1 window=1", hasBranch: true, size: (16, 16))
    #expect(small.task.needsMoments)
    let plan = try small.forward(logits(peaks), mode: .inference)
    let maps = try small.task.maps(plan)[0]
    let placement = ImagePlacement(
      imageWidth: 16, imageHeight: 16, inputWidth: 16, inputHeight: 16, mode: .letterbox)
    let points = try small.task.predictions(plan, placements: [placement])[0].points
    for (peak, point) in zip(peaks, points) {
      let bald = try #require(point.doubt?.baldAtPeak)
      #expect(bald == maps.bald[peak.map][peak.y, peak.x] && bald > 0)
      let columns = max(0, peak.x - 1)...min(15, peak.x + 1)
      let around = (peak.y - 1...peak.y + 1).flatMap { y in
        columns.map { maps.bald[peak.map][y, $0] }
      }
      let mean = around.reduce(0, +) / Float(around.count)
      #expect(abs(try #require(point.doubt?.baldAround) - mean) < 1e-6)
    }
  }

  @Test(arguments: [false, true], [Float.nan, .infinity])
  func outputsThatAreNoNumbers(mirrors: Bool, bad: Float) throws {
    let small = try SmallHeatmaps<PersonJoints>(size: (16, 16))
    var task = small.task
    task.settings.mirrors = mirrors
    let plan = try small.forward(logits([(3, 4, 1, bad)]), mode: .inference)
    let placement = ImagePlacement(
      imageWidth: 16, imageHeight: 16, inputWidth: 16, inputHeight: 16, mode: .letterbox)
    let refusal = message { _ = try task.predictions(plan, placements: [placement]) }
    #expect(refusal?.contains("heatmap logit") == true, "\(refusal ?? "nothing")")
    #expect(refusal?.contains("\n") == false)
  }

  // MARK: - Pictures

  /// A dot is found where it was drawn, in any placement and by both ways to a network.
  @Test(arguments: [
    nil, Box(left: 20, top: 10, right: 60, bottom: 50),
    Box(left: -15, top: -5, right: 45, bottom: 70),
    Box(left: 30, top: 5, right: 140, bottom: 40),
  ])
  func dotsInPictures(region: Box?) throws {
    let small = try SmallHeatmaps<PersonJoints>(
      "loss=mse names=left,right,top flip=0:1", size: (32, 24))
    var image = Image(width: 90, height: 60)
    let dots = [(35, 22), (41, 30), (33, 35)]
    for (channel, (x, y)) in dots.enumerated() {
      for dy in -2...2 {
        for dx in -2...2 {
          var pixel = image[x + dx, y + dy]
          if channel == 0 {
            pixel.red = 255
          } else if channel == 1 {
            pixel.green = 255
          } else {
            pixel.blue = 255
          }
          image[x + dx, y + dy] = pixel
        }
      }
    }
    let predictor = Predictor(
      network: small.network, task: small.task,
      input: InputSettings(width: 32, height: 24, resizeMode: .letterbox))
    let found = try predictor.prediction(of: image, region: region)
    for (point, dot) in zip(found.points, dots) {
      let pixel = found.scale
      #expect(abs(point.position.x - Double(dot.0) - 0.5) <= max(2, 0.76 * pixel))
      #expect(abs(point.position.y - Double(dot.1) - 0.5) <= max(2, 0.76 * pixel))
    }
    // By the loader, from a file.
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.png")
      try image.writePNG(to: url)
      let truth = KeypointTruth(layout: try threeKeypoints(), points: [], region: region)
      let sample = Sample(id: "a", image: .file(url), target: truth)
      let judged = try predictor.judged([sample, sample, sample], batchSize: 2)
      #expect(judged.images.map(\.prediction) == [found, found, found])
      #expect(judged.images.allSatisfy { $0.target == truth })
    }
  }
}
