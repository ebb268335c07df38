import Darknet

extension ComparisonRows {
  /// The rows of networks that find joints.
  package static let keypoints = ComparisonRows(
    paper: [
      ComparisonRow("baseline", "squared error", loss: .mse),
      ComparisonRow("bce", "binary cross-entropy of every pixel", loss: .bce),
      ComparisonRow("ohkm", "squared error of the hardest half of the joints", loss: .ohkm),
      ComparisonRow("anchor", "anchor loss, γ = 2, slack 0.05", loss: .anchor),
      ComparisonRow(
        "uncertainty", "cross-entropy weighted by difficulty", loss: .uncertainty),
      ComparisonRow(
        "bce+convBayes", "cross-entropy with a Bayesian branch, no weights", loss: .bce,
        branch: .convBayes),
    ],
    controls: [
      ComparisonRow(
        "shuffled-u", "uncertainty permuted among the pixels that are as correct",
        loss: .uncertainty, settings: [.init("heatmap", "difficulty_control", "shuffled")]),
      ComparisonRow(
        "constant-u", "uncertainty is 0.5 everywhere: weights know correctness alone",
        loss: .uncertainty, settings: [.init("heatmap", "difficulty_control", "constant")]),
      ComparisonRow(
        "mean-one", "weights divided by their mean", loss: .uncertainty,
        settings: [.init("heatmap", "difficulty_weight", "meanOne")]),
      // Without variance, whatever was set for the Bayesian branches of the other rows.
      ComparisonRow(
        "bce+conv", "cross-entropy with a branch without variance, no weights", loss: .bce,
        branch: .conv,
        settings: [
          .init("convBayes", "relative_variance", "0"), .init("convBayes", "samples", "0"),
        ]),
    ],
    beyond: [
      ComparisonRow(
        "anchor-.5", "anchor loss, γ = 0.5, slack 0.05", loss: .anchor,
        settings: [.init("heatmap", "gamma", "0.5")]),
      ComparisonRow(
        "anchor-no-slack", "anchor loss, γ = 2, slack 0", loss: .anchor,
        settings: [.init("heatmap", "slack", "0")]),
      ComparisonRow(
        "distance-aware", "penalty-reduced focal loss, α = 2, β = 4", loss: .distanceAware),
    ])

  /// The rows of networks that find centres of objects.
  package static let centers = ComparisonRows(
    paper: [
      ComparisonRow(
        "baseline", "cross-entropy with one positive pixel an object", loss: .bce,
        settings: [.init("heatmap", "target", "pixel")]),
      ComparisonRow(
        "balanced", "the same, positives weighted by how few they are", loss: .bce,
        settings: [.init("heatmap", "target", "pixel"), .init("heatmap", "balance", "1")]),
      ComparisonRow("bce", "cross-entropy with Gaussian targets", loss: .bce),
      ComparisonRow("mse", "squared error with Gaussian targets", loss: .mse),
      ComparisonRow("focal", "focal loss, α = 2", loss: .focal),
      ComparisonRow(
        "distance-aware", "penalty-reduced focal loss, α = 2, β = 4", loss: .distanceAware),
      ComparisonRow("anchor", "anchor loss, γ = 2, slack 0.05", loss: .anchor),
      ComparisonRow(
        "uncertainty", "cross-entropy weighted by difficulty", loss: .uncertainty),
    ],
    controls: [
      ComparisonRow(
        "constant-u", "uncertainty is 0.5 everywhere: weights know correctness alone",
        loss: .uncertainty, settings: [.init("heatmap", "difficulty_control", "constant")]),
      ComparisonRow(
        "bce+convBayes", "cross-entropy with a Bayesian branch, no weights", loss: .bce,
        branch: .convBayes),
    ],
    beyond: [
      ComparisonRow(
        "distance-aware-2", "penalty-reduced focal loss, α = 2, β = 2", loss: .distanceAware,
        settings: [.init("heatmap", "beta", "2")]),
      ComparisonRow(
        "distance-aware-8", "penalty-reduced focal loss, α = 2, β = 8", loss: .distanceAware,
        settings: [.init("heatmap", "beta", "8")]),
      ComparisonRow(
        "anchor-.5", "anchor loss, γ = 0.5, slack 0.05", loss: .anchor,
        settings: [.init("heatmap", "gamma", "0.5")]),
    ])
}
