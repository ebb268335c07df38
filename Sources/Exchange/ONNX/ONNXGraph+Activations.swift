import Compute

extension ONNXGraph {
  /// Adds f(x), in operators that ONNX has had since its first versions.
  ///
  /// - Returns: The name of the output; that of x for a linear f.
  mutating func activate(_ x: String, _ activation: Activation) -> String {
    switch activation {
    case .linear: return x
    case .leaky: return add("LeakyRelu", [x], [.float("alpha", 0.1)])
    case .relie: return add("LeakyRelu", [x], [.float("alpha", 0.01)])
    case .relu: return add("Relu", [x])
    case .relu6: return clip(x, 0, 6)
    case .hardtan: return clip(x, -1, 1)
    case .logistic: return add("Sigmoid", [x])
    case .tanh: return add("Tanh", [x])
    case .loggy: return add("Tanh", [multiply(x, by: 0.5)])
    case .elu: return add("Elu", [x], [.float("alpha", 1)])
    case .selu:
      // Darknet's digits.
      return add("Selu", [x], [.float("alpha", 1.6732), .float("gamma", 1.0507)])
    case .swish: return add("Mul", [x, add("Sigmoid", [x])])
    case .mish: return add("Mul", [x, add("Tanh", [add("Softplus", [x])])])
    case .gelu: return gelu(x)
    case .hardMish:
      // x above 0; x (x / 2 + 1) from −2 to 0; 0 below.
      let low = clip(x, -2, 0)
      let factor = add("Add", [multiply(low, by: 0.5), constant(1)])
      return add("Add", [add("Relu", [x]), add("Mul", [low, factor])])
    case .ramp: return add("Add", [add("Relu", [x]), multiply(x, by: 0.1)])
    }
  }

  /// min(max(x, lower), upper).
  mutating func clip(_ x: String, _ lower: Float?, _ upper: Float?) -> String {
    add("Clip", [x, lower.map { constant($0) } ?? "", upper.map { constant($0) } ?? ""])
  }

  /// x times a number.
  mutating func multiply(_ x: String, by factor: Float) -> String {
    factor == 1 ? x : add("Mul", [x, constant(factor)])
  }

  /// x plus a number.
  mutating func add(_ x: String, _ addend: Float) -> String {
    addend == 0 ? x : add("Add", [x, constant(addend)])
  }

  /// x σ(2 √(2 / π) (x + 0.044715 x³)).
  private mutating func gelu(_ x: String) -> String {
    let square = add("Mul", [x, x])
    let slope = add(multiply(square, by: 1.595_769_1 * 0.044_715), 1.595_769_1)
    return add("Mul", [x, add("Sigmoid", [add("Mul", [x, slope])])])
  }
}
