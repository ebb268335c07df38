/// A gradient to be written, or added to when an earlier consumer has written it.
public struct GradientTarget {
  /// dL/dinput.
  public let tensor: Tensor
  /// Whether to add rather than overwrite.
  public let accumulate: Bool

  /// A target.
  public init(_ tensor: Tensor, accumulate: Bool) {
    self.tensor = tensor
    self.accumulate = accumulate
  }
}
