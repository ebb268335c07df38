import Foundation

/// A graph of ONNX operators while it is made: each operator is added behind what it reads.
///
/// Maps are [N, C, H, W], as ONNX has them; N may be any number where the operators allow it. Values are
/// known by name.
struct ONNXGraph {
  /// The operators, in an order in which they can be computed.
  private(set) var nodes: [Onnx_NodeProto] = []
  /// The constants.
  private(set) var constants: [Onnx_TensorProto] = []
  /// What the names of new operators and constants begin with: the layer that they come from.
  var layer = ""
  private var numbers: [String: Int] = [:]

  /// A setting of an operator.
  enum Attribute {
    /// A number.
    case float(String, Float)
    /// A whole number.
    case integer(String, Int)
    /// Whole numbers.
    case integers(String, [Int])
    /// A word.
    case text(String, String)
  }

  /// What a constant's numbers are, by ONNX's `TensorProto.DataType`.
  enum ElementType: Int32 {
    /// 32-bit floats.
    case float = 1
    /// Bytes.
    case byte = 2
    /// Bytes with a sign.
    case signedByte = 3
    /// 64-bit integers.
    case integer = 7
  }

  /// Adds an operator with one output.
  ///
  /// - Parameters:
  ///   - operation: Its name in ONNX's default domain.
  ///   - inputs: The values that it reads; an empty name stands for one that is left out.
  ///   - attributes: Its settings.
  ///   - name: What the output is called; nil: after the layer and the operator.
  /// - Returns: The name of the output.
  mutating func add(
    _ operation: String, _ inputs: [String], _ attributes: [Attribute] = [], as name: String? = nil
  ) -> String {
    add(operation, inputs, attributes, outputs: [name ?? newName(operation)])[0]
  }

  /// Adds an operator with several outputs.
  ///
  /// - Returns: The names of the outputs.
  mutating func add(
    _ operation: String, _ inputs: [String], _ attributes: [Attribute] = [], count: Int
  ) -> [String] {
    add(operation, inputs, attributes, outputs: (0..<count).map { _ in newName(operation) })
  }

  private mutating func add(
    _ operation: String, _ inputs: [String], _ attributes: [Attribute], outputs: [String]
  ) -> [String] {
    var node = Onnx_NodeProto()
    node.opType = operation
    node.name = outputs[0]
    node.input = inputs
    node.output = outputs
    node.attribute = attributes.map(\.message)
    nodes.append(node)
    return outputs
  }

  /// Adds a constant.
  ///
  /// - Parameters:
  ///   - values: Row by row.
  ///   - shape: Its sides; none: a single number.
  ///   - what: What it is called behind the layer.
  /// - Returns: Its name.
  mutating func constant(_ values: [Float], _ shape: [Int], _ what: String) -> String {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values for \(shape)")
    return constant(values.withUnsafeBytes { Data($0) }, .float, shape, what)
  }

  /// Adds a number.
  mutating func constant(_ value: Float, _ what: String = "constant") -> String {
    constant([value], [], what)
  }

  /// Adds a list of whole numbers.
  mutating func integers(_ values: [Int], _ what: String = "list") -> String {
    constant(values.map(Int64.init).withUnsafeBytes { Data($0) }, .integer, [values.count], what)
  }

  mutating func constant(
    _ bytes: Data, _ type: ElementType, _ shape: [Int], _ what: String
  ) -> String {
    var tensor = Onnx_TensorProto()
    tensor.name = newName(what)
    tensor.dataType = type.rawValue
    tensor.dims = shape.map(Int64.init)
    tensor.rawData = bytes
    constants.append(tensor)
    return tensor.name
  }

  private mutating func newName(_ what: String) -> String {
    let name = layer.isEmpty ? what : "\(layer)/\(what)"
    let number = numbers[name, default: 0]
    numbers[name] = number + 1
    return number == 0 ? name : "\(name)_\(number)"
  }
}

extension ONNXGraph.Attribute {
  /// As a file holds it: ONNX numbers the types.
  fileprivate var message: Onnx_AttributeProto {
    var message = Onnx_AttributeProto()
    switch self {
    case .float(let name, let value): (message.name, message.f, message.type) = (name, value, 1)
    case .integer(let name, let value):
      (message.name, message.i, message.type) = (name, Int64(value), 2)
    case .text(let name, let value):
      (message.name, message.s, message.type) = (name, Data(value.utf8), 3)
    case .integers(let name, let values):
      (message.name, message.ints, message.type) = (name, values.map(Int64.init), 7)
    }
    return message
  }
}
