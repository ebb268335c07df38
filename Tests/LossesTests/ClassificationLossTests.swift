import Compute
import Foundation
import Losses
import TestSupport
import Testing

/// A classification loss by the name of its golden values.
private struct NamedLoss: Sendable, CustomTestStringConvertible {
  let name: String
  let evaluate: @Sendable (Tensor, [Int], Tensor) -> ClassificationLossValue
  var testDescription: String { name }

  static let all = [
    NamedLoss("crossEntropy") { CrossEntropy.evaluate(logits: $0, labels: $1, gradient: $2) },
    NamedLoss("binaryCrossEntropy") {
      BinaryCrossEntropy.evaluate(logits: $0, labels: $1, gradient: $2)
    },
    NamedLoss(FocalLoss(), "focal"),
    NamedLoss(
      FocalLoss(focusingExponent: 0.5, activation: .sigmoid(positiveWeight: 0.25)), "focalWeighted"),
    NamedLoss(FocalLoss(focusingExponent: 1.5, activation: .softmax), "focalSoftmax"),
    NamedLoss(AnchorLoss(), "anchorBackground"),
    NamedLoss(AnchorLoss(modulated: .target, exponent: 2), "anchorTarget"),
    NamedLoss(AnchorLoss(probability: .softmax), "anchorSoftmaxBackground"),
    NamedLoss(
      AnchorLoss(modulated: .target, exponent: 2, probability: .softmax), "anchorSoftmaxTarget"),
    NamedLoss("hardExamples") {
      OnlineHardExampleMining(keptShare: 0.7).evaluate(logits: $0, labels: $1, gradient: $2)
    },
  ]

  init(
    _ name: String,
    _ evaluate: @escaping @Sendable (Tensor, [Int], Tensor) -> ClassificationLossValue
  ) {
    self.name = name
    self.evaluate = evaluate
  }

  init(_ loss: FocalLoss, _ name: String = "") {
    self.init(name) { loss.evaluate(logits: $0, labels: $1, gradient: $2) }
  }

  init(_ loss: AnchorLoss, _ name: String = "") {
    self.init(name) { loss.evaluate(logits: $0, labels: $1, gradient: $2) }
  }

  /// Value and gradient of a batch of N images, N·L logits.
  func callAsFunction(
    _ values: [Float], _ labels: [Int]
  ) throws -> (value: ClassificationLossValue, gradient: [Float]) {
    let shape = Shape(batch: labels.count, channels: values.count / labels.count)
    let gradient = try Tensor(shape, values: [Float](repeating: 7, count: values.count))
    return (evaluate(try Tensor(shape, values: values), labels, gradient), gradient.values)
  }
}

@Suite struct ClassificationLossTests {
  private func golden() throws -> (golden: GoldenCase, logits: [Float], labels: [Int]) {
    let golden = try #require(try goldenCases("losses").first { $0.name == "classification" })
    return (golden, try golden.array("logits"), try golden.array("labels").map { Int($0) })
  }

  private func expectSame(
    _ first: NamedLoss, _ second: NamedLoss, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (_, logits, labels) = try golden()
    let (a, b) = (try first(logits, labels), try second(logits, labels))
    #expect(abs(a.value.loss - b.value.loss) < 1e-5, sourceLocation: sourceLocation)
    #expect(a.value.correctCount == b.value.correctCount, sourceLocation: sourceLocation)
    expectClose(a.gradient, b.gradient, absolute: 1e-7, sourceLocation: sourceLocation)
  }

  @Test(arguments: NamedLoss.all)
  private func agreesWithAutomaticDifferentiation(loss: NamedLoss) throws {
    let (golden, logits, labels) = try golden()
    let (value, gradient) = try loss(logits, labels)
    let expected = try #require(golden.numbers[loss.name])
    #expect(abs(value.loss - expected) < 1e-6 * expected)
    #expect(Double(value.correctCount) == golden.numbers["correct"])
    expectClose(gradient, try golden.array(loss.name), relative: 2e-6, absolute: 1e-6, loss.name)
  }

  /// The logit that an anchor probability is made of is held fixed: its gradient leaves it out.
  ///
  /// Of a softmax that is every logit.
  @Test(
    arguments: NamedLoss.all.filter { !$0.name.contains("Softmax") || $0.name == "focalSoftmax" })
  private func gradientAgreesWithDifferences(loss: NamedLoss) throws {
    let (_, logits, labels) = try golden()
    var fixed: Set<Int> = []
    for (image, label) in labels.enumerated() {
      let row = image * 5..<(image + 1) * 5
      if loss.name == "anchorBackground" { fixed.insert(row.lowerBound + label) }
      if loss.name == "anchorTarget" {
        let others = row.filter { $0 != row.lowerBound + label }
        fixed.insert(try #require(others.max { logits[$0] < logits[$1] }))
      }
    }
    let free = logits.indices.filter { !fixed.contains($0) }
    let gradient = try loss(logits, labels).gradient
    expectGradient(at: free.map { logits[$0] }, free.map { gradient[$0] }, loss.name) {
      var values = logits
      for (index, value) in zip(free, $0) { values[index] = value }
      return (try? loss(values, labels).value.loss) ?? .nan
    }
  }

  @Test func exponentZeroIsCrossEntropy() throws {
    let (crossEntropy, binary) = (NamedLoss.all[0], NamedLoss.all[1])
    try expectSame(NamedLoss(FocalLoss(focusingExponent: 0)), binary)
    try expectSame(NamedLoss(FocalLoss(focusingExponent: 0, activation: .softmax)), crossEntropy)
    for modulated in AnchorLoss.Modulated.allCases {
      try expectSame(NamedLoss(AnchorLoss(modulated: modulated, exponent: 0)), binary)
    }
  }

  /// A slack of 1 makes the anchor probability 0 or 1, whatever the logits are.
  @Test(
    arguments: AnchorLoss.Modulated.allCases, [AnchorLoss.Probability.sigmoid, .softmax])
  func gradientOfAConstantAnchor(
    modulated: AnchorLoss.Modulated, probability: AnchorLoss.Probability
  ) throws {
    let (_, logits, labels) = try golden()
    for exponent: Float in [0.5, 2] {
      let loss = NamedLoss(
        AnchorLoss(modulated: modulated, exponent: exponent, slack: 1, probability: probability))
      expectGradient(at: logits, try loss(logits, labels).gradient) {
        (try? loss($0, labels).value.loss) ?? .nan
      }
    }
  }

  /// −ln p_y − Σ ln(1 − pₖ), also where a background class has nearly all of the probability.
  @Test func softmaxAnchorOfExponentZero() throws {
    let loss = NamedLoss(AnchorLoss(exponent: 0, probability: .softmax))
    let (value, gradient) = try loss([60, 0, 1], [1])
    let rest = log(1 + exp(1.0)) - 60
    #expect(abs(value.loss - (60 - rest)) < 1e-6)
    // d/dz of 60 − z₁ and of z₀ − ln(e^z₁ + e^z₂).
    let share = Float(1 / (1 + exp(1.0)))
    expectClose(gradient, [2, -1 - share, share - 1], relative: 1e-6, absolute: 1e-6)
  }

  /// Without a rival, a = 0, the target form is focal loss of the target.
  @Test func anchorLossWithoutARivalIsFocalLoss() throws {
    for logit: Float in [-3, -0.4, 0.9, 2.5] {
      let values = [logit, -200, -200]
      let anchor = NamedLoss(AnchorLoss(modulated: .target, exponent: 1.5, slack: 0))
      let focal = NamedLoss(FocalLoss(focusingExponent: 1.5))
      let (a, b) = (try anchor(values, [0]), try focal(values, [0]))
      #expect(abs(a.value.loss - b.value.loss) < 1e-7)
      expectClose(a.gradient, b.gradient, relative: 1e-6, absolute: 1e-8)
    }
  }

  /// Two classes whose probabilities add to 1 leave the anchor nothing to say: 1 − (q − (1 − q)) is
  /// 2 (1 − q), so the loss is 2ᵞ times focal loss.
  @Test(arguments: AnchorLoss.Modulated.allCases)
  func anchorLossOfComplementaryClassesIsScaledFocalLoss(modulated: AnchorLoss.Modulated) throws {
    for exponent: Float in [0.5, 1, 2] {
      for logit: Float in [-2.5, -0.3, 0.4, 3] {
        let values = [logit, -logit]
        let anchor = NamedLoss(AnchorLoss(modulated: modulated, exponent: exponent, slack: 0))
        let focal = NamedLoss(FocalLoss(focusingExponent: exponent))
        // Both classes have the same error; the anchor loss modulates one of them.
        let half = try focal(values, [0]).value.loss / 2
        let plain = try NamedLoss.all[1](values, [0]).value.loss / 2
        let value = try anchor(values, [0]).value.loss
        #expect(abs(value - plain - pow(2, Double(exponent)) * half) < 1e-6)
      }
    }
  }

  /// A target above its rival costs less than by cross-entropy, one below it more.
  @Test func anchorLossPenalisesWrongOrder() throws {
    let loss = NamedLoss(AnchorLoss(modulated: .target, exponent: 2, slack: 0))
    let plain = NamedLoss.all[1]
    let right: [Float] = [1, -1, -2]
    #expect(try loss(right, [0]).value.loss < plain(right, [0]).value.loss)
    #expect(try loss(right, [1]).value.loss > plain(right, [1]).value.loss)
  }

  /// dL/dz of a target is (1 − p)ᵞ (γ p ln p − (1 − p)), of another class pᵞ (p − γ (1 − p) ln(1 − p)).
  @Test func focalGradientIsTheClosedForm() throws {
    let logits: [Float] = [-3, -1, 0, 0.7, 4]
    let gradient = try NamedLoss(FocalLoss())(logits, [3]).gradient
    let expected = logits.enumerated().map { index, logit in
      let p = 1 / (1 + exp(-Double(logit)))
      return Float(
        index == 3
          ? pow(1 - p, 2) * (2 * p * log(p) - (1 - p)) : p * p * (p - 2 * (1 - p) * log(1 - p)))
    }
    expectClose(gradient, expected, relative: 1e-6, absolute: 1e-8)
  }

  /// The base of a power stops at 10⁻⁶, and with it the modulator's share of the slope.
  @Test func modulatorIsCutNearZero() throws {
    let focal = NamedLoss(FocalLoss(focusingExponent: 0.5))
    // An easy background class with q = 3e-7: its loss is √10⁻⁶ (−ln(1 − q)), its slope 10⁻³ q.
    let q = 1 / (1 + exp(15.0))
    let (value, gradient) = try focal([200, -15], [0])
    #expect(abs(value.loss + 1e-3 * log1p(-q)) < 1e-6 * 1e-3 * q)
    expectClose(gradient, [0, Float(1e-3 * q)], relative: 1e-5, absolute: 0)
  }

  @Test(arguments: NamedLoss.all)
  private func saturatedLogitsStayFiniteAndNaNShows(loss: NamedLoss) throws {
    for values: [Float] in [[90, -90, 0], [-90, 90, 0], [90, 90, 90], [-90, -90, -90]] {
      let (value, gradient) = try loss(values, [0])
      #expect(value.loss.isFinite && gradient.allSatisfy(\.isFinite), "\(values)")
    }
    // The other image has the higher loss, the one that is not a number must be kept all the same.
    let (value, _) = try loss([.nan, 0, 0, -9, 0, 0], [0, 0])
    #expect(value.loss.isNaN)
  }
}

@Suite struct WeighedLossTests {
  @Test func weightsMultiplyLossesAndGradients() throws {
    let logits = try Tensor(Shape(batch: 3, channels: 2), values: [0, 0, 2, 0, 0, 2])
    let gradient = try Tensor(logits.shape)
    var value = CrossEntropy.evaluate(logits: logits, labels: [0, 1, 1], gradient: gradient)
    #expect(value.predictions == [0, 0, 1] && value.isCorrect == [true, false, true])
    let (losses, slopes) = (value.imageLosses, gradient.values)
    #expect(abs(losses[0] - log(2)) < 1e-6 && abs(losses.reduce(0, +) - value.loss) < 1e-9)
    value.weigh(by: [0.5, 2, 0], gradient: gradient)
    #expect(value.imageLosses == [0.5 * losses[0], 2 * losses[1], 0])
    #expect(value.loss == 0.5 * losses[0] + 2 * losses[1])
    expectClose(
      gradient.values, [0.5 * slopes[0], 0.5 * slopes[1], 2 * slopes[2], 2 * slopes[3], 0, 0])
    // A weight of 0 does not hide what is not a number.
    logits.update(from: [.nan, 0, 2, 0, 0, 2])
    value = CrossEntropy.evaluate(logits: logits, labels: [0, 1, 1], gradient: gradient)
    value.weigh(by: [0, 1, 1], gradient: gradient)
    #expect(value.loss.isNaN)
  }
}

@Suite struct OnlineHardExampleMiningTests {
  @Test func keptCountIsRoundedDownAndAtLeastOne() {
    let counts = [(0.9, 10, 9), (0.9, 128, 115), (0.7, 10, 7), (0.1, 5, 1), (1, 4, 4), (0.5, 0, 0)]
    for (share, batch, expected) in counts {
      #expect(OnlineHardExampleMining(keptShare: Float(share)).keptCount(of: batch) == expected)
    }
    // Every share of a hundred that a Float can only approximate.
    for share in 1...100 {
      #expect(OnlineHardExampleMining(keptShare: Float(share) / 100).keptCount(of: 100) == share)
    }
  }

  @Test func equalLossesKeepTheEarlierImages() throws {
    let logits = try Tensor(Shape(batch: 5, channels: 2), values: [0, 0, 0, 0, 3, 0, 0, 0, 0, 0])
    let gradient = try Tensor(logits.shape)
    let value = OnlineHardExampleMining(keptShare: 0.4).evaluate(
      logits: logits, labels: [0, 0, 1, 0, 0], gradient: gradient)
    // The third, the only wrong one, and the first are kept; 5 / 2 times their sum.
    #expect(abs(value.loss - 2.5 * (log1p(exp(3.0)) + log(2.0))) < 1e-6)
    #expect(value.correctCount == 4)
    #expect(gradient.values.indices.filter { gradient.values[$0] != 0 } == [0, 1, 4, 5])
    #expect(abs(gradient.values[0] + 1.25) < 1e-6)
  }
}
