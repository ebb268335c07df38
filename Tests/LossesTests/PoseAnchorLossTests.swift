import Compute
import Foundation
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

  /// M is what the loss of each pixel is larger than cross-entropy by.
  @Test(arguments: [PoseAnchorLoss(), PoseAnchorLoss(exponent: 0.5, slack: 0.1)])
  func modulatorsAreThoseOfTheLoss(_ loss: PoseAnchorLoss) throws {
    let logits: [Float] = [-3, 0.2, 1.4, -0.5, 2.5, -6, 0, 1]
    let maps: [[Float]] = [[0, 0.3, 1, 0.6, 0, 0, 0, 0], [0, 0.3, 0.5, 0, 0, 0, 0, 0]]
    for targets in maps {
      let probabilities = logits.map { 1 / (1 + exp(-$0)) }
      let modulators = loss.modulators(of: probabilities, targets: targets)
      func value(_ term: HeatmapLoss.Term, _ pixel: Int) throws -> Double {
        // A weight of 1 for one pixel alone leaves the others out of the sum.
        let shape = Shape(batch: 1, height: 2, width: 4, channels: 1)
        return HeatmapLoss(term).evaluate(
          logits: try Tensor(shape, values: logits),
          targets: HeatmapTargets(maps: try Tensor(shape, values: targets)),
          weights: logits.indices.map { $0 == pixel ? 1 : 0 },
          gradient: try Tensor(shape, values: logits))
      }
      for pixel in logits.indices {
        let ratio = try value(.anchor(loss), pixel) / value(.crossEntropy, pixel)
        #expect(abs(Double(modulators[pixel]) - ratio) < 1e-5, "pixel \(pixel)")
      }
      #expect(zip(modulators, targets).allSatisfy { $1 == 0 || $0 == 1 })
    }
    // σ(2.5) is above the anchor σ(1.4), σ(−3) below.
    let first = loss.modulators(of: logits.map { 1 / (1 + exp(-$0)) }, targets: maps[0])
    #expect(first[4] > 1 && first[0] < 1 && first[5] < first[0])
  }
}
