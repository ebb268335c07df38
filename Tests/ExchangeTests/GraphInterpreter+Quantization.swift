import Foundation

@testable import Exchange

extension GraphInterpreter {
  /// QuantizeLinear to bytes without a sign and DequantizeLinear, by ONNX's reference; nil of other operators.
  func quantization(
    _ node: Onnx_NodeProto, _ x: GraphValue, _ inputs: [GraphValue?]
  ) -> GraphValue? {
    guard let scales = inputs.count > 1 ? inputs[1]?.values : nil else { return nil }
    let zeros = inputs.count > 2 ? inputs[2]?.values : nil
    switch node.opType {
    case "QuantizeLinear":
      return x.mapped {
        min(255, max(0, ($0 / scales[0]).rounded(.toNearestOrEven) + (zeros?[0] ?? 0)))
      }
    case "DequantizeLinear":
      // Along the first axis; one scale is for all.
      let block = x.values.count / scales.count
      return GraphValue(
        shape: x.shape,
        values: x.values.enumerated().map { place, value in
          let index = place / block
          return (value - (zeros?[index] ?? 0)) * scales[index]
        })
    default: return nil
    }
  }
}
