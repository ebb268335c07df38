import Foundation
import SwiftProtobuf

@testable import Exchange

/// Values of a graph, row by row.
struct GraphValue {
  var shape: [Int]
  var values: [Double]

  /// How far apart two neighbours along each axis are.
  var strides: [Int] {
    var strides = shape.map { _ in 1 }
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }

  /// The value at each place of a shape, which `index` finds in this one.
  func gathered(_ shape: [Int], _ index: ([Int]) -> Int?) -> GraphValue {
    var place = shape.map { _ in 0 }
    var result: [Double] = []
    for _ in 0..<shape.reduce(1, *) {
      result.append(index(place).map { values[$0] } ?? 0)
      for axis in shape.indices.reversed() {
        place[axis] += 1
        if place[axis] < shape[axis] { break }
        place[axis] = 0
      }
    }
    return GraphValue(shape: shape, values: result)
  }

  func mapped(_ function: (Double) -> Double) -> GraphValue {
    GraphValue(shape: shape, values: values.map(function))
  }
}

/// Computes what the operators of a file mean by ONNX's reference, one value after the other.
struct GraphInterpreter {
  let model: Onnx_ModelProto

  struct UnknownOperator: Error { let name: String }

  /// All outputs by name.
  func outputs(_ input: GraphValue) throws -> [String: GraphValue] {
    var known: [String: GraphValue] = ["images": input]
    for constant in model.graph.initializer {
      let values: [Double] = constant.rawData.withUnsafeBytes { bytes in
        switch constant.dataType {
        case 1: bytes.bindMemory(to: Float.self).map(Double.init)
        case 2: bytes.map(Double.init)
        case 3: bytes.bindMemory(to: Int8.self).map(Double.init)
        default: bytes.bindMemory(to: Int64.self).map(Double.init)
        }
      }
      known[constant.name] = GraphValue(shape: constant.dims.map(Int.init), values: values)
    }
    for node in model.graph.node {
      let inputs = node.input.map { known[$0] }
      for (name, value) in zip(node.output, try evaluate(node, inputs)) { known[name] = value }
    }
    return Dictionary(
      uniqueKeysWithValues: model.graph.output.compactMap { output in
        known[output.name].map { (output.name, $0) }
      })
  }

  private func evaluate(_ node: Onnx_NodeProto, _ inputs: [GraphValue?]) throws -> [GraphValue] {
    let attributes = Dictionary(uniqueKeysWithValues: node.attribute.map { ($0.name, $0) })
    func integers(_ name: String) -> [Int] { attributes[name]?.ints.map(Int.init) ?? [] }
    func list(_ index: Int) -> [Int] { inputs[index]?.values.map { Int($0) } ?? [] }
    guard let x = inputs[0] else { throw UnknownOperator(name: node.opType) }
    if let value = quantization(node, x, inputs) { return [value] }
    if inputs.count == 2, let y = inputs[1], let function = Self.binary[node.opType] {
      return [Self.broadcast(x, y, function)]
    }
    if let function = Self.unary[node.opType] { return [x.mapped(function)] }
    switch node.opType {
    case "Identity": return [x]
    case "LeakyRelu":
      let slope = Double(attributes["alpha"]?.f ?? 0)
      return [x.mapped { $0 > 0 ? $0 : slope * $0 }]
    case "Elu": return [x.mapped { $0 > 0 ? $0 : exp($0) - 1 }]
    case "Selu":
      let (alpha, gamma) = (
        Double(attributes["alpha"]?.f ?? 0), Double(attributes["gamma"]?.f ?? 0)
      )
      return [x.mapped { gamma * ($0 > 0 ? $0 : alpha * (exp($0) - 1)) }]
    case "Clip":
      let lower = inputs[1]?.values[0] ?? -.infinity
      let upper = inputs.count > 2 ? inputs[2]?.values[0] ?? .infinity : .infinity
      return [x.mapped { min(max($0, lower), upper) }]
    case "Conv":
      return [convolve(x, inputs, attributes)]
    case "MaxPool", "AveragePool":
      return [pool(x, integers, isMean: node.opType == "AveragePool")]
    case "GlobalAveragePool":
      let pixels = x.shape[2] * x.shape[3]
      return [
        GraphValue(
          shape: [x.shape[0], x.shape[1], 1, 1],
          values: (0..<x.shape[0] * x.shape[1]).map { row in
            x.values[row * pixels..<(row + 1) * pixels].reduce(0, +) / Double(pixels)
          })
      ]
    case "Reshape":
      let shape = list(1).enumerated().map { $0.element == 0 ? x.shape[$0.offset] : $0.element }
      return [GraphValue(shape: shape, values: x.values)]
    case "Flatten":
      return [GraphValue(shape: [x.shape[0], x.values.count / x.shape[0]], values: x.values)]
    case "Transpose":
      let order = integers("perm")
      return [
        x.gathered(order.map { x.shape[$0] }) { place in
          zip(order, place).reduce(0) { $0 + x.strides[$1.0] * $1.1 }
        }
      ]
    case "Concat": return [concatenated(inputs.compactMap { $0 }, Int(attributes["axis"]?.i ?? 0))]
    case "Split":
      let axis = Int(attributes["axis"]?.i ?? 0)
      var start = 0
      return list(1).map { count in
        defer { start += count }
        return sliced(x, [axis: (start, start + count, 1)])
      }
    case "Slice":
      let (from, to, axes, steps) = (list(1), list(2), list(3), list(4))
      return [
        sliced(
          x,
          Dictionary(
            uniqueKeysWithValues: axes.indices.map { (axes[$0], (from[$0], to[$0], steps[$0])) }))
      ]
    case "Pad":
      let pads = list(1)
      let shape = x.shape.indices.map { x.shape[$0] + pads[$0] + pads[$0 + x.shape.count] }
      return [
        x.gathered(shape) { place in
          let from = place.indices.map { place[$0] - pads[$0] }
          guard zip(from, x.shape).allSatisfy({ $0 >= 0 && $0 < $1 }) else { return nil }
          return zip(x.strides, from).reduce(0) { $0 + $1.0 * $1.1 }
        }
      ]
    case "Resize":
      let scales = inputs[2]?.values ?? []
      let shape = zip(x.shape, scales).map { Int(Double($0) * $1) }
      return [
        x.gathered(shape) { place in
          place.indices.reduce(0) { $0 + x.strides[$1] * Int(Double(place[$1]) / scales[$1]) }
        }
      ]
    case "ReduceMax":
      let axis = integers("axes")[0]
      var shape = x.shape
      let count = shape.remove(at: axis)
      let parts = (0..<count).map { index in
        GraphValue(shape: shape, values: sliced(x, [axis: (index, index + 1, 1)]).values)
      }
      return [parts.dropFirst().reduce(parts[0]) { Self.broadcast($0, $1, max) }]
    case "Softmax":
      let axis = Int(attributes["axis"]?.i ?? -1)
      let exponentials = x.mapped(exp)
      var shape = x.shape
      shape[axis] = 1
      let sums = exponentials.gathered(shape) { _ in nil }
      var total = sums
      for index in 0..<x.shape[axis] {
        total = Self.broadcast(
          total,
          GraphValue(
            shape: shape, values: sliced(exponentials, [axis: (index, index + 1, 1)]).values), +)
      }
      return [Self.broadcast(exponentials, total, /)]
    case "Gemm":
      guard let weights = inputs[1], let bias = inputs[2] else { break }
      let (inner, outer) = (weights.shape[0], weights.shape[1])
      return [
        GraphValue(
          shape: [x.shape[0], outer],
          values: (0..<x.shape[0] * outer).map { index in
            let (row, column) = (index / outer, index % outer)
            return (0..<inner).reduce(bias.values[column]) {
              $0 + x.values[row * inner + $1] * weights.values[$1 * outer + column]
            }
          })
      ]
    case "BatchNormalization":
      let statistics = inputs.dropFirst().compactMap { $0?.values }
      let epsilon = Double(attributes["epsilon"]?.f ?? 0)
      let pixels = x.strides[1]
      return [
        GraphValue(
          shape: x.shape,
          values: x.values.enumerated().map { index, value in
            let channel = index / pixels % x.shape[1]
            return (value - statistics[2][channel])
              / (statistics[3][channel] + epsilon).squareRoot()
              * statistics[0][channel] + statistics[1][channel]
          })
      ]
    default: break
    }
    throw UnknownOperator(name: node.opType)
  }

  private static let binary: [String: @Sendable (Double, Double) -> Double] = [
    "Add": { $0 + $1 }, "Sub": { $0 - $1 }, "Mul": { $0 * $1 }, "Div": { $0 / $1 },
  ]
  private static let unary: [String: @Sendable (Double) -> Double] = [
    "Relu": { max(0, $0) }, "Sigmoid": { 1 / (1 + exp(-$0)) }, "Tanh": { tanh($0) },
    "Softplus": { log1p(exp($0)) }, "Exp": { exp($0) }, "Log": { log($0) },
    "Sqrt": { $0.squareRoot() }, "Erf": { erf($0) }, "Abs": { abs($0) },
  ]

  private static func broadcast(
    _ x: GraphValue, _ y: GraphValue, _ function: (Double, Double) -> Double
  ) -> GraphValue {
    let rank = max(x.shape.count, y.shape.count)
    func wide(_ value: GraphValue) -> GraphValue {
      GraphValue(
        shape: Array(repeating: 1, count: rank - value.shape.count) + value.shape,
        values: value.values)
    }
    let (x, y) = (wide(x), wide(y))
    let shape = zip(x.shape, y.shape).map { max($0, $1) }
    func spread(_ value: GraphValue) -> [Double] {
      let strides = value.strides
      return value.gathered(shape) { place in
        place.indices.reduce(0) { $0 + (value.shape[$1] == 1 ? 0 : strides[$1] * place[$1]) }
      }.values
    }
    return GraphValue(shape: shape, values: zip(spread(x), spread(y)).map(function))
  }

  private func concatenated(_ parts: [GraphValue], _ axis: Int) -> GraphValue {
    var shape = parts[0].shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    let outer = shape[..<axis].reduce(1, *)
    var values: [Double] = []
    for row in 0..<outer {
      for part in parts {
        let count = part.values.count / outer
        values += part.values[row * count..<(row + 1) * count]
      }
    }
    return GraphValue(shape: shape, values: values)
  }

  private func sliced(
    _ x: GraphValue, _ cuts: [Int: (from: Int, to: Int, step: Int)]
  ) -> GraphValue {
    let shape = x.shape.indices.map { axis in
      cuts[axis].map { (min($0.to, x.shape[axis]) - $0.from + $0.step - 1) / $0.step }
        ?? x.shape[axis]
    }
    return x.gathered(shape) { place in
      place.indices.reduce(0) { sum, axis in
        sum + x.strides[axis]
          * (cuts[axis].map { $0.from + place[axis] * $0.step } ?? place[axis])
      }
    }
  }
}
