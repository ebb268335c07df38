import Compute
import Detection
import Losses
import TestSupport
import Testing

@Suite struct RegionLossTests {
  private func head(_ golden: GoldenCase) throws -> RegionHead {
    let n = golden.numbers
    func number(_ name: String) throws -> Float { Float(try #require(n[name])) }
    return RegionHead(
      anchors: try anchorBoxes(golden), classCount: Int(try number("classCount")),
      softmax: try number("softmax") == 1, biasMatch: try number("biasMatch") == 1,
      rescore: try number("rescore") == 1, objectScale: try number("objectScale"),
      noObjectScale: try number("noObjectScale"), classScale: try number("classScale"),
      coordScale: try number("coordScale"), threshold: try number("threshold"))
  }

  private func evaluate(
    _ golden: GoldenCase, _ head: RegionHead, at values: [Float]? = nil
  ) throws -> (value: DetectionLossValue, gradient: [Float]) {
    let shape = try logitShape(golden)
    let truths = try groundTruths(golden, imageCount: shape.batch)
    let start = try Tensor(shape, values: golden.array("logits"))
    let gradient = try Tensor(shape, values: [Float](repeating: 7, count: shape.count))
    let loss = RegionLoss(head: head)
    let value = loss.evaluate(
      logits: try values.map { try Tensor(shape, values: $0) } ?? start, truths: truths,
      assignments: TargetAssignment.batch(logits: start, truths: truths, head: loss.head),
      seenImages: Int(try #require(golden.numbers["seen"])), gradient: gradient)
    return (value, gradient.values)
  }

  @Test(arguments: ["region softmax", "region logistic"])
  func agreesWithAutomaticDifferentiation(name: String) throws {
    let golden = try #require(try goldenCases("YOLOLoss").first { $0.name == name })
    let (value, gradient) = try evaluate(golden, try head(golden))
    try expectValue(value, golden)
    expectClose(gradient, try golden.array("gradient"), absolute: 2e-6, name)
  }

  /// Without `rescore`, whose target follows the box but is a constant of the gradient.
  @Test(arguments: ["region softmax", "region logistic"])
  func gradientAgreesWithDifferences(name: String) throws {
    let golden = try #require(try goldenCases("YOLOLoss").first { $0.name == name })
    var head = try head(golden)
    head.rescore = false
    let (_, gradient) = try evaluate(golden, head)
    expectGradient(at: try golden.array("logits"), gradient, coordinates: 1000, name) {
      (try? evaluate(golden, head, at: $0).value.total) ?? .nan
    }
  }
}
