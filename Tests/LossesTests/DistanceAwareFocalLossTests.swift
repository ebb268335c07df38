import Compute
import Foundation
import Losses
import TestSupport
import Testing

@Suite struct DistanceAwareFocalLossTests {
  private struct Example {
    let golden: GoldenCase
    let shape: Shape
    let logits: [Float]
    let targets: [Float]

    init() throws {
      golden = try #require(try goldenCases("losses").first { $0.name == "distance aware" })
      shape = try logitShape(golden)
      logits = try golden.array("logits")
      targets = try golden.array("targets")
    }

    func evaluate(
      _ loss: DistanceAwareFocalLoss, at values: [Float]? = nil, targets: [Float]? = nil
    ) throws -> (value: Double, gradient: [Float]) {
      let gradient = try Tensor(shape, values: [Float](repeating: 7, count: shape.count))
      let value = HeatmapLoss(.distanceAware(loss), normalization: .batch).evaluate(
        logits: try Tensor(shape, values: values ?? logits),
        targets: HeatmapTargets(maps: try Tensor(shape, values: targets ?? self.targets)),
        gradient: gradient)
      // A sum over images; the reference divides by the number of objects alone.
      let batch = Float(shape.batch)
      return (value / Double(batch), gradient.values.map { $0 / batch })
    }
  }

  /// With the usual exponents.
  private static let loss = HeatmapLoss(
    .distanceAware(DistanceAwareFocalLoss()), normalization: .batch)

  private static let losses = [
    ("loss", DistanceAwareFocalLoss()),
    ("fractional", DistanceAwareFocalLoss(focusingExponent: 0.5, penaltyExponent: 1.5)),
  ]

  @Test(arguments: losses)
  func agreesWithAutomaticDifferentiation(name: String, loss: DistanceAwareFocalLoss) throws {
    let example = try Example()
    let (value, gradient) = try example.evaluate(loss)
    #expect(abs(value - (try #require(example.golden.numbers[name]))) < 1e-6)
    expectClose(gradient, try example.golden.array(name), absolute: 1e-7, name)
  }

  @Test(arguments: losses)
  func gradientAgreesWithDifferences(name: String, loss: DistanceAwareFocalLoss) throws {
    let example = try Example()
    let gradient = try example.evaluate(loss).gradient
    expectGradient(at: example.logits, gradient, coordinates: 1000, name) {
      (try? example.evaluate(loss, at: $0).value) ?? .nan
    }
  }

  /// With α = β = 0 the loss is the binary cross-entropy of the targets that are exactly 1.
  @Test func exponentsZeroAreBinaryCrossEntropy() throws {
    let example = try Example()
    let logits = randomValues(example.shape.count, in: -4...4)
    let (value, gradient) = try example.evaluate(
      DistanceAwareFocalLoss(focusingExponent: 0, penaltyExponent: 0), at: logits)
    var expected = 0.0
    var slopes: [Float] = []
    let count = Double(example.targets.filter { $0 == 1 }.count)
    #expect(count == 4)
    for (logit, target) in zip(logits, example.targets) {
      let p = 1 / (1 + exp(-Double(logit)))
      expected -= (target == 1 ? log(p) : log(1 - p)) / count
      slopes.append(Float((p - (target == 1 ? 1 : 0)) / count))
    }
    #expect(abs(value - expected) < 1e-9)
    expectClose(gradient, slopes, absolute: 1e-7)
  }

  /// With β = 0 the targets below 1 are plain negatives of focal loss.
  @Test func withoutPenaltyItIsFocalLoss() throws {
    let example = try Example()
    let logits = randomValues(example.shape.count, in: -4...4)
    let hard = example.targets.map { Float($0 == 1 ? 1 : 0) }
    let loss = DistanceAwareFocalLoss(penaltyExponent: 0)
    let result = try example.evaluate(loss, at: logits)
    let same = try example.evaluate(DistanceAwareFocalLoss(), at: logits, targets: hard)
    #expect(result.value == same.value && result.gradient == same.gradient)
    // One class after the other against the classification loss of the same name.
    var expected = 0.0
    for (logit, target) in zip(logits, hard) {
      let sign: Float = target == 1 ? 1 : -1
      let one = try Tensor(Shape(channels: 1), values: [sign * logit])
      expected +=
        FocalLoss().evaluate(logits: one, labels: [0], gradient: try Tensor(one.shape)).loss
    }
    #expect(abs(result.value - expected / 4) < 1e-6)
  }

  @Test func probabilitiesAreCutAndHaveNoGradientThere() throws {
    let shape = Shape(width: 4, channels: 1)
    let gradient = try Tensor(shape)
    let logits = try Tensor(shape, values: [-1000, 1000, 9.3, -9.1])
    let value = Self.loss.evaluate(
      logits: logits, targets: HeatmapTargets(maps: try Tensor(shape, values: [1, 0, 0.5, 1])),
      gradient: gradient)
    let p = 1 / (1 + exp(-Double(Float(-9.1))))
    let low = Double(Float(1e-4))
    let expected =
      -(pow(1 - low, 2) * log(low) * (1 + 1 + pow(0.5, 4)) + pow(1 - p, 2) * log(p)) / 2
    #expect(abs(value - expected) < 1e-9 * expected)
    #expect(gradient.values[..<3].allSatisfy { $0 == 0 } && gradient.values[3] < -0.4)
  }

  @Test func withoutPositivesTheSumIsNotNormalised() throws {
    let shape = Shape(height: 2, width: 2, channels: 1)
    let gradient = try Tensor(shape)
    let value = Self.loss.evaluate(
      logits: try Tensor(shape), targets: HeatmapTargets(maps: try Tensor(shape)),
      gradient: gradient)
    #expect(abs(value - 4 * 0.25 * log(2)) < 1e-9)
    expectClose(gradient.values, [Float](repeating: Float(0.25 * (0.5 + log(2))), count: 4))
  }

  @Test func notFiniteLogitsShowInTheValue() throws {
    let shape = Shape(channels: 1)
    for target: Float in [0, 1] {
      let value = Self.loss.evaluate(
        logits: try Tensor(shape, values: [.nan]),
        targets: HeatmapTargets(maps: try Tensor(shape, values: [target])),
        gradient: try Tensor(shape))
      #expect(value.isNaN)
    }
  }
}
