package import Compute

/// A layer that knows mean and variance of its output.
///
/// Training keeps both among the saved tensors. In inference, give the pass tensors of
/// ``momentShapes(for:)`` as `saved` and keep them to the end of the pass, and it fills them; without
/// any it computes the mean only, at the cost of a plain layer.
package protocol MomentLayer: Layer {
  /// Mean and variance: the first of the saved tensors.
  func momentShapes(for inputs: [Shape]) throws -> [Shape]
  /// Where a loss may add dL/dσ² between the passes, which starts at 0; nil if it is not taken.
  func varianceGradient(in saved: [Tensor]) -> Tensor?
}

extension MomentLayer {
  /// The moments that a forward pass left in its saved tensors.
  package func moments(in saved: [Tensor]) -> TensorMoments {
    TensorMoments(mean: saved[0], variance: saved[1])
  }
}
