package import Darknet

/// One way to train that a comparison has as a row: a loss, a branch and values of the cfg.
package struct ComparisonRow: Hashable, Sendable {
  /// Its name, which is also that of its folder.
  package let name: String
  /// What it is, in a few words.
  package let summary: String
  /// The loss and the branch.
  package let plan: BranchPlan
  /// How it learns how well boxes are placed.
  package let place: PlacePlan
  /// Whether λ is learned, its divergence weighted by 1 / training images.
  package let learnsVariance: Bool
  /// Values of the cfg that make the row; they come last.
  package private(set) var settings: [ConfigurationSetting]

  /// A way to train.
  package init(
    _ name: String, _ summary: String, loss: LossKind? = nil,
    branch: BranchPlan.Branch? = nil, hiddenFilters: [Int] = [], learnsVariance: Bool = false,
    place: PlacePlan = .none, settings: [ConfigurationSetting] = []
  ) {
    self.name = name
    self.summary = summary
    var plan = BranchPlan()
    plan.loss = loss
    plan.branch = branch
    plan.hiddenFilters = hiddenFilters
    self.plan = plan
    self.learnsVariance = learnsVariance
    self.place = place
    self.settings = settings
  }

  /// The row with further values of the cfg.
  func adding(_ settings: [ConfigurationSetting]) -> ComparisonRow {
    var row = self
    row.settings += settings
    return row
  }

  /// The cfg of the row.
  ///
  /// - Parameters:
  ///   - file: A cfg of plain heads.
  ///   - settings: Values for all rows; the row's own come after them. Those of sections that only
  ///     branches have, `[convBayes]`, change the rows that have it.
  ///   - imageCount: Training images.
  /// - Returns: The cfg to train.
  /// - Throws: ``DarknetError/configuration(file:line:reason:)`` if a head has a branch already, or a
  ///   value cannot be set.
  package func applied(
    to file: ConfigurationFile, settings: [ConfigurationSetting] = [], imageCount: Int
  ) throws -> ConfigurationFile {
    // A branch of the cfg's own would be in the rows that have none.
    guard !file.has(section: "convBayes") else {
      throw DarknetError.configuration(
        file: file.fileName, line: 0,
        reason: "has a [convBayes]; give a cfg of plain heads, each row makes its branch")
    }
    var file = file
    for setting in settings where setting.section != "convBayes" {
      file = try file.applying(setting)
    }
    var plan = plan
    if learnsVariance { plan.divergenceWeight = 1 / Float(max(1, imageCount)) }
    file = try file.adding(plan).adding(place)
    for setting in settings where setting.section == "convBayes" && file.has(section: "convBayes") {
      file = try file.applying(setting)
    }
    for setting in self.settings { file = try file.applying(setting) }
    return file
  }
}

extension ComparisonRows {
  /// The rows of detectors.
  package static let detection = ComparisonRows(
    paper: detectionPaper, controls: detectionControls, beyond: detectionBeyond,
    place: detectionPlace)

  /// What is compared in the paper: losses, and what the parts of the method do alone.
  private static let detectionPaper = [
    ComparisonRow("baseline", "binary cross-entropy"),
    ComparisonRow("focal", "focal loss of the objectness", loss: .focal),
    ComparisonRow("anchor", "anchor loss of the objectness", loss: .anchor),
    ComparisonRow("uncertainty", "cross-entropy weighted by difficulty", loss: .uncertainty),
    ComparisonRow("baseline+convBayes", "a Bayesian branch, no weights", branch: .convBayes),
    // Without variance, whatever was set for the Bayesian branches of the other rows.
    ComparisonRow(
      "baseline+conv", "a branch without variance, no weights", branch: .conv,
      settings: [.init("convBayes", "relative_variance", "0"), .init("convBayes", "samples", "0")]),
  ]

  /// What else could explain a gain of `uncertainty`.
  private static let detectionControls = [
    ComparisonRow(
      "constant-u", "uncertainty is 0.5 everywhere: weights know correctness alone",
      loss: .uncertainty, settings: [.init("yolo", "difficulty_control", "constant")]),
    ComparisonRow(
      "shuffled-u", "uncertainty permuted among the anchors that are as correct",
      loss: .uncertainty, settings: [.init("yolo", "difficulty_control", "shuffled")]),
    ComparisonRow(
      "raw-u", "uncertainty not squashed by the sigmoid", loss: .uncertainty,
      settings: [.init("yolo", "uncertainty_map", "raw")]),
    ComparisonRow(
      "mean-one", "weights divided by their mean", loss: .uncertainty,
      settings: [.init("yolo", "difficulty_weight", "meanOne")]),
    ComparisonRow(
      "same-loss", "weights that leave the sum of the objectness losses as it is",
      loss: .uncertainty, settings: [.init("yolo", "difficulty_weight", "sameLoss")]),
    ComparisonRow(
      "gain-.25", "binary cross-entropy times 0.25, about the mean weight",
      settings: [.init("yolo", "obj_normalizer", "0.25")]),
  ]

  /// Ways to learn how well boxes are placed.
  private static let detectionPlace = [
    ComparisonRow(
      "iou", "a branch for the expected IoU, which leaves the detector alone", place: .iou),
    ComparisonRow("iou-joint", "the same branch, trained with the detector", place: .iouJoint),
    ComparisonRow(
      "gaussian", "a branch for the variance of boxes, which leaves the detector alone",
      place: .gaussian),
    ComparisonRow(
      "gaussian-joint", "the same branch, trained with the detector and its boxes",
      place: .gaussianJoint),
    ComparisonRow(
      "iou-objectness", "the target of the objectness is the box's IoU", place: .iouObjectness),
  ]

  /// What the paper leaves open.
  private static let detectionBeyond = [
    ComparisonRow(
      "scaled-u", "uncertainty over more of 0...1 by a steeper sigmoid", loss: .uncertainty,
      settings: [.init("yolo", "uncertainty_map", "sigmoidScaled")]),
    ComparisonRow(
      "rank-u", "uncertainty is its rank within the image", loss: .uncertainty,
      settings: [.init("yolo", "uncertainty_map", "rank")]),
    ComparisonRow(
      "detection-u", "uncertainty of objectness and classes together", loss: .uncertainty,
      settings: [.init("yolo", "uncertainty_measure", "detection")]),
    ComparisonRow(
      "iou-u", "uncertainty is one minus the expected IoU", loss: .uncertainty, place: .iou,
      settings: [.init("yolo", "uncertainty_measure", "expectedIoU")]),
    // η = 1: the objective lies in ±1 for each image and head, what one undecided anchor adds to the
    // branch's cross-entropy (ln 2), so that it can move σ without ruling the branch.
    ComparisonRow(
      "enlarge-variance", "rewards variance where the objectness is wrong", loss: .uncertainty,
      settings: [.init("yolo", "enlarge_variance", "1")]),
    ComparisonRow(
      "learned-variance", "the relative variance is learned", loss: .uncertainty,
      learnsVariance: true),
    ComparisonRow(
      "multi-layer", "two Bayesian layers, 64 channels between them", loss: .uncertainty,
      hiddenFilters: [64]),
  ]
}
