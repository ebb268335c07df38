import Compute
import Losses
import TestSupport
import Testing

@Suite struct PoseAnchorLossTests {
  private struct Example {
    let golden: GoldenCase
    let logits: [Float]
    let targets: Tensor
    let isLabelled: [Bool]
    var shape: Shape { targets.shape }

    init() throws {
      golden = try #require(try goldenCases("losses").first { $0.name == "pose" })
      logits = try golden.array("logits")
      targets = try Tensor(logitShape(golden), values: golden.array("targets"))
      isLabelled = try golden.array("labelled").map { $0 == 1 }
    }

    func evaluate(
      _ loss: PoseAnchorLoss, at values: [Float]? = nil, isLabelled: [Bool]?
    ) throws -> (value: Double, gradient: [Float]) {
      let gradient = try Tensor(shape, values: [Float](repeating: 7, count: shape.count))
      let value = HeatmapLoss(.anchor(loss)).evaluate(
        logits: try Tensor(shape, values: values ?? logits),
        targets: HeatmapTargets(maps: targets, isLabelled: isLabelled), gradient: gradient)
      return (value, gradient.values)
    }
  }

  private static let losses = [
    ("loss", PoseAnchorLoss()), ("slackLoss", PoseAnchorLoss(exponent: 0.5, slack: 0.1)),
  ]

  @Test(arguments: losses)
  func agreesWithAutomaticDifferentiation(name: String, loss: PoseAnchorLoss) throws {
    let example = try Example()
    let (value, gradient) = try example.evaluate(loss, isLabelled: example.isLabelled)
    #expect(abs(value - (try #require(example.golden.numbers[name]))) < 1e-6)
    expectClose(gradient, try example.golden.array(name), absolute: 1e-7, name)
  }

  /// The pixels that q* is chosen from are held fixed: it is a constant of the gradient.
  @Test(arguments: losses)
  func gradientAgreesWithDifferences(name: String, loss: PoseAnchorLoss) throws {
    let example = try Example()
    let targets = example.targets.values
    let free = targets.indices.filter { targets[$0] <= 0.5 }
    let gradient = try example.evaluate(loss, isLabelled: nil).gradient
    expectGradient(
      at: free.map { example.logits[$0] }, free.map { gradient[$0] }, coordinates: 1000, name
    ) {
      var values = example.logits
      for (index, value) in zip(free, $0) { values[index] = value }
      return (try? example.evaluate(loss, at: values, isLabelled: nil).value) ?? .nan
    }
  }

  @Test func onlyExactZerosOfMapsWithATargetAreModulated() throws {
    let example = try Example()
    let plain = try example.evaluate(PoseAnchorLoss(exponent: 0), isLabelled: nil).gradient
    let anchor = try example.evaluate(PoseAnchorLoss(), isLabelled: nil).gradient
    let targets = example.targets.values
    // Maps 2 of the first and 1 of the second image have no target.
    for index in targets.indices {
      let (image, joint) = (index / example.shape.countPerImage, index % 3)
      let isEmpty = (image, joint) == (0, 2) || (image, joint) == (1, 1)
      if isEmpty || targets[index] != 0 {
        #expect(abs(anchor[index] - plain[index]) < 1e-8)
      } else {
        #expect(abs(anchor[index] - plain[index]) > 1e-9)
      }
    }
  }

  @Test func mapsWithoutLabelHaveNoGradient() throws {
    let example = try Example()
    let (value, gradient) = try example.evaluate(PoseAnchorLoss(), isLabelled: example.isLabelled)
    let full = try example.evaluate(PoseAnchorLoss(), isLabelled: nil)
    for index in gradient.indices {
      let map = index / example.shape.countPerImage * 3 + index % 3
      #expect(gradient[index] == (example.isLabelled[map] ? full.gradient[index] : 0))
    }
    #expect(value < full.value)
    let none = try example.evaluate(
      PoseAnchorLoss(), isLabelled: [Bool](repeating: false, count: 6))
    #expect(none.value == 0 && none.gradient.allSatisfy { $0 == 0 })
  }
}
