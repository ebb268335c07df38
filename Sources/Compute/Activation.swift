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

  /// f(x) = x for x > 0, x · (x / 2 + 1) for −2 < x ≤ 0, 0 otherwise.
  case hardMish = "hard_mish"
  /// f(x) = x / 2 · (1 + tanh(√(2 / π) · (x + 0.044715 · x³))).
  case gelu
  /// f(x) = x for x > 0, eˣ − 1 otherwise.
  case elu
  /// f(x) = 1.0507 · x for x > 0, 1.0507 · 1.6732 · (eˣ − 1) otherwise.
  case selu
  /// f(x) = tanh(x).
  case tanh
  /// f(x) = 2 / (1 + e⁻ˣ) − 1.
  case loggy
  /// f(x) = min(max(−1, x), 1).
  case hardtan
  /// f(x) = x for x > 0, 0.01·x otherwise.
  case relie
  /// f(x) = 1.1·x for x > 0, 0.1·x otherwise.
  case ramp

  /// Whether f′(x) can be told from f(x) alone, so that x need not be kept for backward.
  package var hasGradientFromOutput: Bool {
    switch self {
    case .mish, .swish, .hardMish, .gelu: false
    default: true
    }
  }
}
