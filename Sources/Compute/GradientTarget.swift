/// A gradient to be written, or added to when an earlier consumer has written it.
package struct GradientTarget {
  /// dL/dinput.
  package let tensor: Tensor
  /// Whether to add rather than overwrite.
  package let accumulate: Bool

  /// A target.
  package init(_ tensor: Tensor, accumulate: Bool) {
    self.tensor = tensor
    self.accumulate = accumulate
  }
}
