/// An elementwise function that follows a layer, by its Darknet name.
package enum Activation: String, CaseIterable, Sendable {
  /// f(x) = x.
  case linear
  /// f(x) = x for x > 0, 0.1·x otherwise.
  case leaky
  /// f(x) = max(0, x).
  case relu
  /// f(x) = min(max(0, x), 6).
  case relu6
  /// f(x) = 1 / (1 + e⁻ˣ).
  case logistic
  /// f(x) = x · tanh(ln(1 + eˣ)).
  case mish
  /// f(x) = x / (1 + e⁻ˣ).
  case swish

  /// Whether f′(x) can be told from f(x) alone, so that x need not be kept for backward.
  package var hasGradientFromOutput: Bool { self != .mish && self != .swish }
}
