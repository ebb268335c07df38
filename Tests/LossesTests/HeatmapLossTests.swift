import Compute
import Foundation
import Losses
import TestSupport
import Testing

@Suite("losses of heatmaps")
struct HeatmapLossTests {
  private struct Example {
    let golden: GoldenCase
    let shape: Shape
    let logits: [Float]
    let weights: [Float]

    init() throws {
      golden = try #require(try goldenCases("heatmaps").first)
      shape = try logitShape(golden)
      logits = try golden.array("logits")
      weights = try golden.array("weights")
    }

    /// The maps as they are drawn here: bumps between pixels, in their pixels' middles, or one pixel each.
    func targets(_ kind: Targets) throws -> HeatmapTargets {
      var targets = HeatmapTargets(in: try Tensor(shape))
      let places = try golden.array("places")
      for start in stride(from: 0, to: places.count, by: 4) {
        let place = places[start..<start + 4].map { Double($0) }
        targets.draw(
          GaussianBump(
            x: place[2], y: place[3], radius: kind == .points ? 0 : 2, standardDeviation: 1,
            isCentered: kind != .soft), image: Int(place[0]), keypoint: Int(place[1]))
      }
      for (map, labelled) in try golden.array("labelled").enumerated() where labelled == 0 {
        targets.removeLabel(image: map / shape.channels, keypoint: map % shape.channels)
      }
      return targets
    }

    func evaluate(
      _ loss: HeatmapLoss, at values: [Float]? = nil, _ targets: HeatmapTargets,
      weights: [Float]? = nil
    ) throws -> (value: Double, gradient: [Float]) {
      let gradient = try Tensor(shape, values: [Float](repeating: 7, count: shape.count))
      let value = loss.evaluate(
        logits: try Tensor(shape, values: values ?? logits), targets: targets, weights: weights,
        gradient: gradient)
      return (value, gradient.values)
    }
  }

  enum Targets { case soft, hard, points }

  private static let losses: [(String, HeatmapLoss, Targets)] = [
    ("mse", HeatmapLoss(.squaredError), .soft), ("bce", HeatmapLoss(.crossEntropy), .soft),
    ("weighted", HeatmapLoss(.crossEntropy), .soft),
    ("ohkm", HeatmapLoss(.squaredError, hardest: 2), .soft),
    ("balanced", HeatmapLoss(.crossEntropy, isBalanced: true), .points),
    ("map", HeatmapLoss(.crossEntropy, normalization: .map), .soft),
    ("image", HeatmapLoss(.crossEntropy, normalization: .image), .soft),
    ("batch", HeatmapLoss(.crossEntropy, normalization: .batch), .soft),
  ]

  @Test("maps are drawn as the reference draws them", arguments: [Targets.soft, .hard])
  func drawing(kind: Targets) throws {
    let example = try Example()
    expectClose(
      try example.targets(kind).maps.values,
      try example.golden.array(kind == .soft ? "soft" : "hard"), absolute: 1e-7)
  }

  @Test("values and gradients agree with PyTorch's", arguments: losses)
  func golden(name: String, loss: HeatmapLoss, kind: Targets) throws {
    let example = try Example()
    let (value, gradient) = try example.evaluate(
      loss, example.targets(kind), weights: name == "weighted" ? example.weights : nil)
    let expected = try #require(example.golden.numbers[name])
    #expect(abs(value - expected) < 1e-6 * max(1, expected), "\(name): \(value), \(expected)")
    expectClose(gradient, try example.golden.array(name), absolute: 1e-6, name)
  }

  @Test("gradients agree with differences", arguments: losses)
  func differences(name: String, loss: HeatmapLoss, kind: Targets) throws {
    let example = try Example()
    let targets = try example.targets(kind)
    let weights = name == "weighted" ? example.weights : nil
    let gradient = try example.evaluate(loss, targets, weights: weights).gradient
    expectGradient(at: example.logits, gradient, coordinates: 1000, name) {
      (try? example.evaluate(loss, at: $0, targets, weights: weights).value) ?? .nan
    }
  }

  @Test("weights multiply anchor loss and focal loss, too")
  func weights() throws {
    let example = try Example()
    for term in [
      HeatmapLoss.Term.anchor(PoseAnchorLoss()), .distanceAware(DistanceAwareFocalLoss()),
    ] {
      let loss = HeatmapLoss(term)
      let targets = try example.targets(.hard)
      let plain = try example.evaluate(loss, targets)
      let weighted = try example.evaluate(loss, targets, weights: example.weights)
      expectClose(
        weighted.gradient, zip(plain.gradient, example.weights).map { $0 * $1 }, absolute: 1e-7)
      let double = try example.evaluate(
        loss, targets, weights: [Float](repeating: 2, count: example.shape.count))
      #expect(abs(double.value - 2 * plain.value) < 1e-9)
    }
  }

  /// A map that is no number is not left out as an easy one: training has to hear of it.
  @Test(arguments: [0, 1, 2]) func hardestMapsAreThoseThatAreNoNumbers(map: Int) throws {
    let shape = Shape(batch: 1, height: 1, width: 2, channels: 3)
    var logits: [Float] = [1, 2, 3, 1, 2, 3]
    logits[map] = .nan
    let value = HeatmapLoss(.squaredError, hardest: 1).evaluate(
      logits: try Tensor(shape, values: logits), targets: HeatmapTargets(in: try Tensor(shape)),
      gradient: try Tensor(shape))
    #expect(value.isNaN)
  }
}
