import Compute
import Losses
import Uncertainty

/// Reads what a `[softmax]` section says about its loss and its Bayesian branch.
struct ClassifierReader {
  /// Keys that belong to some losses alone.
  private static let owners: [(keys: [String], losses: [ClassifierChoice])] = [
    (["gamma", "probability"], [.focal, .anchor]), (["slack", "anchor"], [.anchor]),
    (["ratio"], [.ohem]), (["warm_up"], ClassifierChoice.allCases.filter { $0 != .crossEntropy }),
    (
      [
        "uncertainty_measure", "uncertainty_map", "difficulty_weight", "difficulty_control",
        "constant_uncertainty", "uncertainty_slope", "uncertainty_center", "bald", "bald_clamp",
        "logit_scale",
      ], [.uncertainty]
    ),
  ]

  let context: LayerContext
  private var section: ConfigurationSection { context.section }

  init(_ context: LayerContext) { self.context = context }

  func training() throws(DarknetError) -> ClassifierTraining {
    let kind = try section.choice("loss", default: ClassifierChoice.crossEntropy)
    try checkKeys(of: kind)
    var training = ClassifierTraining()
    training.loss = try loss(kind)
    training.gain = try section.number("cls_normalizer", default: 1, in: 0...1e6)
    if section["warm_up"] != nil { training.warmUp = try section.integer("warm_up") }
    training.branch = try BranchReader(context).accompanyingBranch()
    if kind == .uncertainty { try readDifficulty(into: &training) }
    let line = section["loss"]?.line
    guard kind == .crossEntropy || context.input.countPerImage > 1 else {
      throw section.error("loss=\(kind.rawValue) in [softmax] needs two classes", line: line)
    }
    guard training.loss.takesSharedTargets || context.configuration.labelSmoothing == 0 else {
      throw section.error(
        "loss=\(kind.rawValue) in [softmax] asks for one right class; remove label_smooth_eps= of "
          + "[net], or take another loss", line: line)
    }
    return training
  }

  private func checkKeys(of kind: ClassifierChoice) throws(DarknetError) {
    for (keys, losses) in Self.owners where !losses.contains(kind) {
      guard let stray = keys.lazy.compactMap({ section[$0] }).first else { continue }
      throw section.error(
        "\(stray.key)= in [softmax] is for loss=\(losses.map(\.rawValue).joined(separator: ", ")); "
          + "here it is \(kind.rawValue)", line: stray.line)
    }
    if let stray = section["constant_uncertainty"],
      section["difficulty_control"]?.value != "constant"
    {
      throw section.error(
        "constant_uncertainty= in [softmax] is for difficulty_control=constant", line: stray.line)
    }
  }

  private func loss(_ kind: ClassifierChoice) throws(DarknetError) -> ClassifierLoss {
    let probability = try section.choice("probability", default: AnchorLoss.Probability.sigmoid)
    switch kind {
    case .crossEntropy, .uncertainty: return .crossEntropy
    case .bce: return .binaryCrossEntropy
    case .ohem:
      let ratio = try section.number("ratio", default: 0.9, in: 1e-6...1)
      return .hardExamples(OnlineHardExampleMining(keptShare: ratio))
    case .focal:
      return .focal(
        FocalLoss(
          focusingExponent: try section.number("gamma", default: 2, in: 0...100),
          activation: probability == .softmax ? .softmax : .sigmoid()))
    case .anchor:
      return .anchor(
        AnchorLoss(
          modulated: try section.choice("anchor", default: .background),
          exponent: try section.number("gamma", default: 0.5, in: 0...100),
          slack: try section.number("slack", default: 0.05, in: 0...1), probability: probability))
    }
  }

  private func readDifficulty(into training: inout ClassifierTraining) throws(DarknetError) {
    guard training.branch != nil else {
      throw section.error(
        "loss=uncertainty in [softmax] needs uncertainty=, the [convBayes] layer that gives mean and "
          + "variance", line: section["loss"]?.line)
    }
    training.isWeighted = true
    training.measure = try section.choice("uncertainty_measure", default: .mutualInformation)
    if !training.measure.isBinary,
      let stray = ["bald", "bald_clamp", "logit_scale"].lazy.compactMap({ section[$0] }).first
    {
      throw section.error(
        "\(stray.key)= in [softmax] is for uncertainty_measure=marginPair, predictedOneVsRest",
        line: stray.line)
    }
    // Classes compete by a logistic function of their margin; one logit is read as detectors read it.
    training.difficulty = try DifficultyReader(section: section).difficulty(
      scale: training.measure == .marginPair ? .logistic : .probit)
  }
}
