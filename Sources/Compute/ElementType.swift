/// What a buffer's elements are.
package enum ElementType: Hashable, Sendable {
  /// 32-bit floating point: activations, parameters and gradients.
  case float32
  /// The upper half of a 32-bit floating point number: activations that wait for backward.
  case bfloat16
  /// 32-bit sums of products of 8-bit values.
  case int32
  /// Weights of a quantised layer.
  case int8
  /// Activations of a quantised layer.
  case uint8

  /// Bytes of an element.
  package var size: Int {
    switch self {
    case .float32, .int32: 4
    case .bfloat16: 2
    case .int8, .uint8: 1
    }
  }
}
