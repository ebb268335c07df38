import Darknet

extension ComparisonRows {
  /// The rows of classifiers; what they leave open is the default of `[softmax]`.
  package static let classification = ComparisonRows(
    paper: [
      ComparisonRow("baseline", "cross-entropy", loss: .crossEntropy),
      ComparisonRow("bce", "binary cross-entropy of every class", loss: .bce),
      ComparisonRow("ohem", "cross-entropy of the hardest 0.9 of a batch", loss: .ohem),
      ComparisonRow("focal", "focal loss, γ = 2", loss: .focal),
      ComparisonRow(
        "anchor", "anchor loss, γ = 0.5, slack 0.05, five epochs of cross-entropy first",
        loss: .anchor),
      ComparisonRow("uncertainty", "cross-entropy weighted by difficulty", loss: .uncertainty),
      ComparisonRow(
        "baseline+convBayes", "a Bayesian branch, no weights", loss: .crossEntropy,
        branch: .convBayes),
    ],
    controls: [
      ComparisonRow(
        "one-vs-rest", "uncertainty of the predicted class's logit alone", loss: .uncertainty,
        settings: [.init("softmax", "uncertainty_measure", "predictedOneVsRest")]),
      ComparisonRow(
        "shuffled-u", "uncertainty permuted among the images that are as correct",
        loss: .uncertainty, settings: [.init("softmax", "difficulty_control", "shuffled")]),
      ComparisonRow(
        "constant-u", "uncertainty is 0.5 everywhere: weights know correctness alone",
        loss: .uncertainty, settings: [.init("softmax", "difficulty_control", "constant")]),
      ComparisonRow(
        "mean-one", "weights divided by their mean", loss: .uncertainty,
        settings: [.init("softmax", "difficulty_weight", "meanOne")]),
      // Without variance, whatever was set for the Bayesian branches of the other rows.
      ComparisonRow(
        "baseline+conv", "a branch without variance, no weights", loss: .crossEntropy,
        branch: .conv,
        settings: [
          .init("convBayes", "relative_variance", "0"), .init("convBayes", "samples", "0"),
        ]),
    ],
    beyond: [
      ComparisonRow(
        "raw-u", "uncertainty as a share of its maximum, not squashed by the sigmoid",
        loss: .uncertainty, settings: [.init("softmax", "uncertainty_map", "raw")]),
      ComparisonRow(
        "mean-field", "uncertainty in closed form", loss: .uncertainty,
        settings: [.init("softmax", "uncertainty_measure", "meanField")]),
      ComparisonRow(
        "margin-pair", "uncertainty between the two most probable classes", loss: .uncertainty,
        settings: [.init("softmax", "uncertainty_measure", "marginPair")]),
    ])
}
