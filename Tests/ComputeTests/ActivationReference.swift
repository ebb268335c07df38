import Compute
import Foundation

extension Activation {
  /// Value and slope in double precision, as the definition reads.
  func reference(_ x: Double) -> (value: Double, slope: Double) {
    let s = 1 / (1 + Foundation.exp(-x))
    switch self {
    case .linear: return (x, 1)
    case .leaky: return x > 0 ? (x, 1) : (0.1 * x, 0.1)
    case .relu: return x > 0 ? (x, 1) : (0, 0)
    case .relu6: return (min(max(x, 0), 6), x > 0 && x < 6 ? 1 : 0)
    case .logistic: return (s, s * (1 - s))
    case .mish:
      let t = Foundation.tanh(log1p(exp(x)))
      return (x * t, t + x * (1 - t * t) * s)
    case .swish: return (x * s, s + x * s * (1 - s))
    case .hardMish: return x > 0 ? (x, 1) : x > -2 ? (x * x / 2 + x, x + 1) : (0, 0)
    case .gelu:
      let root = (2 / Double.pi).squareRoot()
      let t = Foundation.tanh(root * (x + 0.044715 * x * x * x))
      let inner = root * (1 + 3 * 0.044715 * x * x)
      return (x / 2 * (1 + t), (1 + t) / 2 + x / 2 * (1 - t * t) * inner)
    case .elu: return x > 0 ? (x, 1) : (expm1(x), exp(x))
    case .selu:
      return x > 0 ? (1.0507 * x, 1.0507) : (1.0507 * 1.6732 * expm1(x), 1.0507 * 1.6732 * exp(x))
    case .tanh:
      let t = Foundation.tanh(x)
      return (t, 1 - t * t)
    case .loggy:
      let t = Foundation.tanh(x / 2)
      return (t, (1 - t * t) / 2)
    case .hardtan: return (min(max(x, -1), 1), abs(x) < 1 ? 1 : 0)
    case .relie: return x > 0 ? (x, 1) : (0.01 * x, 0.01)
    case .ramp: return x > 0 ? (1.1 * x, 1.1) : (0.1 * x, 0.1)
    }
  }
}
