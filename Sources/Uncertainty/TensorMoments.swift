public import Compute

/// Means and variances of a layer's outputs, elementwise.
public struct TensorMoments {
  /// μ, [N, H, W, C].
  public let mean: Tensor
  /// σ² ≥ 0, the same shape.
  public let variance: Tensor

  /// Moments; both tensors must have the same shape.
  public init(mean: Tensor, variance: Tensor) {
    precondition(mean.shape == variance.shape, "\(mean.shape) means, \(variance.shape) variances")
    self.mean = mean
    self.variance = variance
  }

  /// Moments without variance: a tensor that is known.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  public init(certain tensor: Tensor) throws {
    self.init(mean: tensor, variance: try Tensor(tensor.shape))
  }
}
