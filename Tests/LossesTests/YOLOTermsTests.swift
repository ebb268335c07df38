import Compute
import Detection
import Foundation
import Geometry
import Losses
import TestSupport
import Testing

/// Cases of Tests/Golden/YOLOTerms.json, which share logits and objects.
@Suite struct YOLOTermsTests {
  private static let names = (try? goldenCases("YOLOTerms").map(\.name)) ?? []

  private struct Example {
    let golden: GoldenCase
    let loss: YOLOLoss
    let shape: Shape
    let truths: [[GroundTruth]]
    let logits: [Float]
    let rate: Float

    init(_ name: String) throws {
      let cases = try goldenCases("YOLOTerms")
      let setup = try #require(cases.first { $0.name == "setup" })
      golden = try #require(cases.first { $0.name == name })
      let numbers = golden.numbers
      var head = YOLOHead(
        anchors: try anchorBoxes(setup), mask: try setup.array("mask").map { Int($0) },
        classCount: Int(try #require(setup.numbers["classCount"])),
        ignoreThreshold: Float(try #require(setup.numbers["ignoreThreshold"])),
        truthThreshold: Float(numbers["truthThreshold"] ?? 1),
        scaleXY: Float(numbers["scaleXY"] ?? 1))
      head.sizeCode = numbers["newCoords"] == 1 ? .squared : .exponential
      head.shapeThreshold = Float(numbers["shapeThreshold"] ?? 1)
      head.shapeMeasure = OverlapMeasure.allCases[Int(numbers["shapeMeasure"] ?? 0)]
      head.smoothsObjectness = numbers["smooth"] == 1
      var terms = YOLOTerms()
      terms.overlap = numbers["overlap"].map { OverlapMeasure.allCases[Int($0)] }
      terms.boxWeight = Float(numbers["boxWeight"] ?? 1)
      terms.largestBoxDerivative = Float(numbers["largestDerivative"] ?? .infinity)
      terms.sumsTruths = numbers["sums"] == 1
      terms.classWeight = Float(numbers["classWeight"] ?? 1)
      terms.classFactors = golden.arrays["classFactors"]?.values
      terms.labelSmoothing = Float(numbers["smoothing"] ?? 0)
      terms.isFocal = numbers["isFocal"] == 1
      terms.gain = Float(numbers["gain"] ?? 1)
      let losses: [ObjectnessLoss] = [
        .binaryCrossEntropy, .focal(focusingExponent: 2, positiveWeight: 0.25), .anchor(),
      ]
      loss = YOLOLoss(
        head: head, inputWidth: Int(try #require(setup.numbers["inputWidth"])),
        inputHeight: Int(try #require(setup.numbers["inputHeight"])),
        objectnessLoss: losses[Int(numbers["objectness"] ?? 0)], terms: terms)
      shape = try logitShape(setup)
      truths = try groundTruths(setup, imageCount: shape.batch)
      logits = try setup.array("logits")
      rate = Float(try #require(setup.numbers["rate"]))
    }

    /// The loss at some logits, with the targets of those or of others.
    func evaluate(
      _ values: [Float], targetsAt others: [Float]? = nil
    ) throws -> (value: DetectionLossValue, gradient: [Float]) {
      let gradient = try Tensor(shape, values: [Float](repeating: 7, count: shape.count))
      let logits = try Tensor(shape, values: values)
      let value = loss.evaluate(
        logits: logits, truths: truths,
        assignments: TargetAssignment.batch(
          logits: try others.map { try Tensor(shape, values: $0) } ?? logits, truths: truths,
          head: loss.head, inputWidth: loss.inputWidth, inputHeight: loss.inputHeight),
        gradient: gradient)
      return (value, gradient.values)
    }
  }

  @Test(arguments: names.filter { $0 != "setup" })
  func agreesWithAutomaticDifferentiation(name: String) throws {
    let example = try Example(name)
    var values = example.logits
    var (value, gradient) = try example.evaluate(values)
    expectClose(
      [value.box, value.objectness, value.classification].map { Float($0) },
      try example.golden.array("losses"), relative: 1e-5, name)
    let projections = (1...4).map { k in
      gradient.enumerated().reduce(0) {
        $0 + Double($1.element) * sin(0.7 * Double(k) * Double($1.offset + 1))
      }
    }
    expectClose(
      projections.map { Float($0) }, try example.golden.array("projections"), relative: 1e-5,
      absolute: 1e-5, name)
    var totals: [Float] = []
    for _ in 0..<10 {
      (value, gradient) = try example.evaluate(values)
      totals.append(Float(value.total))
      values = zip(values, gradient).map { $0 - example.rate * $1 }
    }
    expectClose(totals, try example.golden.array("totals"), relative: 1e-5, name)
  }

  /// Of all logits but those that a constant of the gradient depends on: the boxes under α of CIoU and
  /// under soft targets, the positives' objectness under anchor loss.
  @Test(arguments: names.filter { $0 != "setup" && $0 != "largest derivative" })
  func gradientAgreesWithDifferences(name: String) throws {
    let example = try Example(name)
    let start = example.logits
    let (_, gradient) = try example.evaluate(start)
    let holdsBoxes = example.loss.terms.overlap == .ciou
    var holdsObjectness: Bool {
      if case .anchor = example.loss.objectnessLoss { true } else { false }
    }
    let free = start.indices.filter {
      switch $0 % example.loss.head.entryCount {
      case HeadEntry.objectness: !holdsObjectness
      case HeadEntry.firstClass...: true
      default: !holdsBoxes
      }
    }
    expectGradient(
      at: free.map { start[$0] }, free.map { gradient[$0] }, step: 3e-3, tolerance: 3e-3,
      directional: 1e-3, coordinates: 1000, name
    ) {
      var values = start
      for (index, value) in zip(free, $0) { values[index] = value }
      return (try? example.evaluate(values, targetsAt: start).value.total) ?? .nan
    }
  }

  @Test func factorsOfClassesAreTheLargestCountOverTheirs() {
    #expect(YOLOTerms.classFactors(counts: [10, 40, 0, 5]) == [4, 1, 40, 8])
    #expect(YOLOTerms.classFactors(counts: [10, 40, 0, 5], limit: 6) == [4, 1, 6, 6])
    #expect(YOLOTerms.classFactors(counts: [0, 0]) == [1, 1])
  }

  /// A logit that is no number must stop training, whatever the measure.
  @Test(arguments: OverlapMeasure.allCases, 0..<4)
  func notFiniteBoxesShowInTheValue(measure: OverlapMeasure, entry: Int) throws {
    let head = YOLOHead(anchors: [AnchorBox(width: 9, height: 9)], mask: [0], classCount: 1)
    var terms = YOLOTerms()
    terms.overlap = measure
    terms.largestBoxDerivative = 2
    var values = [Float](repeating: 0, count: 6)
    values[entry] = .nan
    let logits = try Tensor(Shape(channels: 6), values: values)
    let truth = GroundTruth(
      box: Box(centerX: 0.5, centerY: 0.5, width: 0.3, height: 0.4), classIndex: 0)
    let value = YOLOLoss(head: head, inputWidth: 32, inputHeight: 32, terms: terms)
      .evaluate(logits: logits, truths: [[truth]], gradient: try Tensor(logits.shape))
    #expect(value.total.isNaN)
  }
}
