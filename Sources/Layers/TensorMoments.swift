package import Compute

/// Means and variances of a layer's outputs, elementwise.
package struct TensorMoments {
  /// μ, [N, H, W, C].
  package let mean: Tensor
  /// σ² ≥ 0, the same shape.
  package let variance: Tensor

  /// Moments; both tensors must have the same shape.
  package init(mean: Tensor, variance: Tensor) {
    precondition(mean.shape == variance.shape, "\(mean.shape) means, \(variance.shape) variances")
    self.mean = mean
    self.variance = variance
  }

  /// Moments without variance: a tensor that is known.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(certain tensor: Tensor, on memory: any MemorySource) throws {
    self.init(mean: tensor, variance: try Tensor(tensor.shape, on: memory))
  }
}
