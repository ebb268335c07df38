import Darknet
import Experiments
import Foundation
import Losses
import Networks
import TestSupport
import Testing
import Uncertainty

/// Every loss that networks of keypoints are compared by, on the networks that are shipped.
@Suite struct KeypointRowTests {
  private static let stacked = ["hourglass-2", "small-hourglass", "small-simple"]

  private func outputs(
    _ row: ComparisonRow, _ model: String, _ change: (String) -> String = { $0 }
  ) throws -> [HeatmapOutput] {
    let url = packageRoot.appending(path: "Models/\(model).cfg")
    let text = change(try String(contentsOf: url, encoding: .utf8))
    let file = try ConfigurationFile(text: text, fileName: "\(model).cfg")
    return try NetworkBuilder.build(row.applied(to: file, imageCount: 100)).outputs.heatmaps
  }

  @Test(arguments: ComparisonRows.keypoints.all, stacked)
  func joints(row: ComparisonRow, model: String) throws {
    let outputs = try outputs(row, model)
    #expect(outputs.count == (model == "hourglass-2" ? 2 : 1))
    let last = try #require(outputs.last)
    let isWeighted = ["uncertainty", "shuffled-u", "constant-u", "mean-one"].contains(row.name)
    let hasBranch = isWeighted || row.name.hasPrefix("bce+")
    #expect(
      outputs.map { $0.training.branch != nil }
        == outputs.indices.map {
          hasBranch && $0 == outputs.count - 1
        })
    #expect(last.training.isWeighted == isWeighted)
    let control: Difficulty.Control =
      switch row.name {
      case "shuffled-u": .shuffled
      case "constant-u": .constant(0.5)
      default: .none
      }
    #expect(last.training.difficulty.control == control)
    #expect(last.training.difficulty.weighting == (row.name == "mean-one" ? .meanOne : .raw))
    let term: HeatmapLoss.Term =
      switch row.name {
      case "baseline", "ohkm": .squaredError
      case "anchor": .anchor(PoseAnchorLoss(exponent: 2, slack: 0.05))
      case "anchor-.5": .anchor(PoseAnchorLoss(exponent: 0.5, slack: 0.05))
      case "anchor-no-slack": .anchor(PoseAnchorLoss(exponent: 2, slack: 0))
      case "distance-aware": .distanceAware(DistanceAwareFocalLoss())
      default: .crossEntropy
      }
    for output in outputs {
      #expect(output.training.loss.term == term)
      #expect((output.training.loss.hardest != nil) == (row.name == "ohkm"))
      #expect(output.training.isSubpixel == (row.name != "distance-aware"))
    }
  }

  @Test(arguments: ComparisonRows.centers.all)
  func centers(row: ComparisonRow) throws {
    let training = try #require(try outputs(row, "small-centers").last).training
    let isPixel = ["baseline", "balanced"].contains(row.name)
    #expect(training.target == (isPixel ? .pixel : .gaussian))
    #expect(training.loss.isBalanced == (row.name == "balanced"))
    if case .distanceAware(let loss) = training.loss.term {
      let exponents: [String: Float] = [
        "focal": 0, "distance-aware": 4, "distance-aware-2": 2, "distance-aware-8": 8,
      ]
      #expect(loss.penaltyExponent == exponents[row.name] && loss.focusingExponent == 2)
      #expect(training.loss.normalization == .batch)
    } else {
      #expect(!row.name.hasPrefix("distance") && row.name != "focal")
      #expect(training.loss.normalization == .pixels)
    }
  }

  /// What a cfg says of its own loss is no obstacle for others.
  @Test(
    arguments: ComparisonRows.keypoints.all,
    [
      "loss=anchor\ngamma=1\nslack=0.1\nwarm_up=10", "loss=distanceAware\nalpha=3\nbeta=2",
      "loss=ohkm\ntop=3", "loss=bce\nbalance=1\nsubpixel=0",
    ])
  func keysOfTheOwnLoss(row: ComparisonRow, keys: String) throws {
    let last = try #require(
      try outputs(row, "small-simple") { $0.replacing("loss=bce", with: keys) }.last)
    #expect(
      (last.training.branch != nil)
        == (try outputs(row, "small-simple").last?.training.branch != nil))
    // Its own loss keeps them.
    if row.name == "anchor", keys.contains("anchor") {
      #expect(
        last.training.loss.term == .anchor(PoseAnchorLoss(exponent: 1, slack: 0.1))
          && last.training.warmUp == 10)
    }
  }
}
