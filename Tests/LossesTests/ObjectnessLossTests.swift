import Compute
import Detection
import Foundation
import Geometry
import Losses
import TestSupport
import Testing

extension YOLOLoss {
  fileprivate init(_ loss: YOLOLoss, _ objectnessLoss: ObjectnessLoss) {
    self.init(
      head: loss.head, inputWidth: loss.inputWidth, inputHeight: loss.inputHeight,
      objectnessLoss: objectnessLoss)
  }
}

/// The objectness part of a head of one class: its logits, gradient and value.
private struct Objectness {
  let value: Double
  let gradient: [Float]

  init(
    _ loss: YOLOLoss, logits: Tensor, truths: [[GroundTruth]],
    assignments: [TargetAssignment]? = nil, weights: [Float]? = nil
  ) throws {
    let gradient = try Tensor(logits.shape)
    value =
      loss.evaluate(
        logits: logits, truths: truths, assignments: assignments, objectnessWeights: weights,
        gradient: gradient
      ).objectness
    self.gradient = Objectness.part(gradient.values, entryCount: loss.head.classCount + 5)
  }

  static func part(_ values: [Float], entryCount: Int) -> [Float] {
    stride(from: 4, to: values.count, by: entryCount).map { values[$0] }
  }
}

@Suite struct ObjectnessLossTests {
  private static let losses: [(String, ObjectnessLoss)] = [
    ("binaryCrossEntropy", .binaryCrossEntropy), ("focal", .focal()),
    ("focalWeighted", .focal(focusingExponent: 1.5, positiveWeight: 0.25)), ("anchor", .anchor()),
    ("anchorSquare", .anchor(exponent: 2, slack: 0)),
  ]
  private let anchors = [AnchorBox(width: 8, height: 8), AnchorBox(width: 24, height: 24)]

  @Test(arguments: losses)
  func agreesWithAutomaticDifferentiation(name: String, objectness: ObjectnessLoss) throws {
    let golden = try #require(try goldenCases("losses").first { $0.name == "objectness" })
    let shape = try logitShape(golden)
    let loss = YOLOLoss(
      head: YOLOHead(anchors: anchors, mask: [0, 1], classCount: 1, ignoreThreshold: 1),
      inputWidth: 64, inputHeight: 64, objectnessLoss: objectness)
    let result = try Objectness(
      loss, logits: Tensor(shape, values: golden.array("logits")),
      truths: groundTruths(golden, imageCount: shape.batch), weights: golden.array("weights"))
    let expected = try #require(golden.numbers[name])
    #expect(abs(result.value - expected) < 2e-6 * expected)
    expectClose(result.gradient, try golden.array(name), relative: 2e-6, absolute: 1e-6, name)
  }

  /// Of all logits; the anchor loss holds q*, hence the positives' objectness, constant.
  @Test(arguments: losses, ["yolo", "yolo scaled weighted"])
  func gradientAgreesWithDifferences(
    named: (String, ObjectnessLoss), example: String
  ) throws {
    let example = try YOLOCase(example)
    let loss = YOLOLoss(example.loss, named.1)
    let start = try example.golden.array("logits")
    let logits = try Tensor(example.shape, values: start)
    let assignments = TargetAssignment.batch(
      logits: logits, truths: example.truths, head: loss.head, inputWidth: loss.inputWidth,
      inputHeight: loss.inputHeight)
    let gradient = try Tensor(example.shape)
    func total() -> Double {
      loss.evaluate(
        logits: logits, truths: example.truths, assignments: assignments,
        objectnessWeights: example.weights, gradient: gradient
      ).total
    }
    _ = total()
    let slope = gradient.values
    let states = assignments.flatMap(\.states)
    var isFixed: Bool { if case .anchor = named.1 { true } else { false } }
    let free = start.indices.filter { !(isFixed && $0 % 9 == 4 && states[$0 / 9] == .positive) }
    #expect(isFixed == (free.count < start.count))
    expectGradient(at: free.map { start[$0] }, free.map { slope[$0] }, coordinates: 1000, named.0) {
      var values = start
      for (index, value) in zip(free, $0) { values[index] = value }
      logits.update(from: values)
      return total()
    }
  }

  @Test func exponentZeroIsBinaryCrossEntropy() throws {
    let example = try YOLOCase("yolo")
    let logits = try Tensor(example.shape, values: example.golden.array("logits"))
    func evaluate(_ objectness: ObjectnessLoss?) throws -> Objectness {
      try Objectness(
        objectness.map { YOLOLoss(example.loss, $0) } ?? example.loss, logits: logits,
        truths: example.truths)
    }
    let plain = try evaluate(nil)
    let named = try evaluate(.binaryCrossEntropy)
    #expect(named.value == plain.value && named.gradient == plain.gradient)
    for loss in [
      ObjectnessLoss.focal(focusingExponent: 0), .anchor(exponent: 0),
      .anchor(exponent: 0, slack: 1),
    ] {
      let result = try evaluate(loss)
      #expect(abs(result.value - plain.value) < 1e-5)
      expectClose(result.gradient, plain.gradient, relative: 1e-6, absolute: 1e-7)
    }
    // A slack of 1 sets the anchor probability to 0: negatives weigh (1 + q)ᵞ, more than 1.
    #expect(try evaluate(.anchor(slack: 1)).value > plain.value)
    // Balanced weights halve focal loss.
    let focal = try evaluate(.focal())
    let balanced = try evaluate(.focal(positiveWeight: 0.5))
    #expect(abs(balanced.value - focal.value / 2) < 1e-9)
  }

  @Test func anchorLossLeavesPositivesAndImagesWithoutPositivesPlain() throws {
    let golden = try #require(try goldenCases("losses").first { $0.name == "objectness" })
    let shape = try logitShape(golden)
    let truths = try groundTruths(golden, imageCount: shape.batch)
    let plain = YOLOLoss(
      head: YOLOHead(anchors: anchors, mask: [0, 1], classCount: 1, ignoreThreshold: 1),
      inputWidth: 64, inputHeight: 64)
    let logits = try Tensor(shape, values: golden.array("logits"))
    let states = TargetAssignment.batch(
      logits: logits, truths: truths, head: plain.head, inputWidth: plain.inputWidth,
      inputHeight: plain.inputHeight
    ).flatMap(\.states)
    let before = try Objectness(plain, logits: logits, truths: truths).gradient
    let after = try Objectness(YOLOLoss(plain, .anchor()), logits: logits, truths: truths).gradient
    for place in states.indices {
      let isPlain = states[place] == .positive || place >= 16
      #expect((before[place] == after[place]) == isPlain, "anchor \(place)")
    }
  }

  /// The base of a root has an infinite slope at 0; a saturated positive makes it as small as q.
  @Test func saturatedLogitsStayFinite() throws {
    let head = YOLOHead(anchors: anchors, mask: [0, 1], classCount: 1)
    let truth = GroundTruth(
      box: Box(left: 0.1, top: 0.1, right: 0.225, bottom: 0.225), classIndex: 0)
    for loss in [ObjectnessLoss.focal(focusingExponent: 0.5), .anchor(exponent: 0.5, slack: 0)] {
      for (positive, negative) in [(90, -90), (-90, 90), (90, 90), (-90, -90)] {
        var values = [Float](repeating: 0, count: 24)
        for place in 0..<4 { values[6 * place + 4] = Float(place == 0 ? positive : negative) }
        let result = try Objectness(
          YOLOLoss(head: head, inputWidth: 64, inputHeight: 64, objectnessLoss: loss),
          logits: Tensor(Shape(height: 1, width: 2, channels: 12), values: values),
          truths: [[truth]])
        #expect(result.value.isFinite && result.gradient.allSatisfy(\.isFinite))
      }
    }
  }

  @Test func parametersOutOfRangeAreNotValid() {
    #expect(ObjectnessLossTests.losses.allSatisfy { $0.1.isValid })
    for loss: ObjectnessLoss in [
      .focal(focusingExponent: -1), .focal(focusingExponent: .nan),
      .focal(focusingExponent: .infinity), .focal(positiveWeight: 1.5),
      .focal(positiveWeight: .nan), .anchor(exponent: -0.1), .anchor(exponent: .infinity),
      .anchor(slack: -0.1), .anchor(slack: 1.1),
    ] {
      #expect(!loss.isValid, "\(loss)")
    }
  }
}
