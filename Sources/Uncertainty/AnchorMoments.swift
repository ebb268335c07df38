package import Detection

/// What a Bayesian branch says about the objectness of the anchors of one head, for a batch.
package struct AnchorMoments: Hashable, Sendable {
  /// Where the anchors of an image are.
  package let grid: AnchorGrid
  /// N.
  package let imageCount: Int
  /// μ of the logits, N·H·W·A values in this order.
  package let means: [Float]
  /// σ² ≥ 0 of the logits, likewise.
  package let variances: [Float]

  /// Moments of a batch; both arrays have a value for every anchor of every image.
  package init(grid: AnchorGrid, imageCount: Int = 1, means: [Float], variances: [Float]) {
    precondition(
      means.count == imageCount * grid.count && variances.count == means.count,
      "\(means.count) means, \(variances.count) variances for \(imageCount)·\(grid.count) anchors")
    self.grid = grid
    self.imageCount = imageCount
    self.means = means
    self.variances = variances
  }

  /// Those of one image.
  package func image(_ index: Int) -> AnchorMoments {
    let anchors = index * grid.count..<(index + 1) * grid.count
    return AnchorMoments(
      grid: grid, means: Array(means[anchors]), variances: Array(variances[anchors]))
  }

  /// Those of one anchor, in the order N, H, W, A.
  package subscript(anchor: Int) -> LogitMoments<Float> {
    LogitMoments(mean: means[anchor], variance: variances[anchor])
  }

  /// Whether uncertainty can be computed from all of them.
  ///
  /// - Throws: ``UncertaintyError``, its index that within the image.
  package func validate() throws {
    for anchor in means.indices { try self[anchor].validate(index: anchor % grid.count) }
  }
}
