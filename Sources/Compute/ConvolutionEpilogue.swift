/// What a convolution makes of its sums z before it stores them: y = f(scale · z + bias), and perhaps
/// the sum with another tensor.
package struct ConvolutionEpilogue {
  /// [K]; nil: 1.
  package var scale: Tensor?
  /// [K]; nil: 0.
  package var bias: Tensor?
  /// f.
  package var activation: Activation
  /// What is added.
  package var residual: Residual?

  /// A tensor r of the output's shape: y = f(scale · z + bias) + r, or f(scale · z + bias + r).
  package struct Residual {
    /// r.
    package let tensor: Tensor
    /// Whether it is added before f.
    package let comesFirst: Bool

    /// A tensor to add.
    package init(_ tensor: Tensor, comesFirst: Bool) {
      self.tensor = tensor
      self.comesFirst = comesFirst
    }
  }

  /// An epilogue; without arguments the sums are stored as they are.
  package init(
    scale: Tensor? = nil, bias: Tensor? = nil, activation: Activation = .linear,
    residual: Residual? = nil
  ) {
    self.scale = scale
    self.bias = bias
    self.activation = activation
    self.residual = residual
  }
}
