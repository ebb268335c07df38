/// What the Bayesian branch of one head says about the objectness of an image's anchors.
package struct AnchorMoments: Hashable, Sendable {
  /// Where the anchors are.
  package let grid: AnchorGrid
  /// μ of the logits, H·W·A values in this order.
  package let means: [Float]
  /// σ² of the logits, likewise.
  package let variances: [Float]

  /// Moments of one image; both arrays have a value for every anchor of the grid.
  package init(grid: AnchorGrid, means: [Float], variances: [Float]) {
    precondition(
      means.count == grid.count && variances.count == grid.count,
      "\(means.count) means, \(variances.count) variances for \(grid.count) anchors")
    self.grid = grid
    self.means = means
    self.variances = variances
  }
}
