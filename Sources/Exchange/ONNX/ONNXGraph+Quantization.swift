import Compute
import Foundation

/// Tensors and weights of bytes as ONNX has them: QuantizeLinear and DequantizeLinear about operators of floats.
extension ONNXGraph {
  /// What a tensor is after it was stored as bytes.
  mutating func stored(_ x: String, as quantization: Quantization) -> String {
    let scale = constant(quantization.scale, "scale")
    let zero = constant(Data([UInt8(quantization.zeroPoint)]), .byte, [], "zero")
    let bytes = add("QuantizeLinear", [x, scale, zero])
    return add("DequantizeLinear", [bytes, scale, zero])
  }

  /// A convolution with weights of whole numbers, without activation.
  ///
  /// Biases stay floats: as whole numbers of 32 bits in steps of the product of input and weight they would move
  /// sums by up to a hundredth of a byte, which rounds one of a hundred values to another byte.
  ///
  /// - Parameters:
  ///   - x: The input, which was stored as bytes.
  ///   - weights: [R, S, C / groups, K].
  ///   - geometry: Stride, padding, groups, dilation.
  /// - Returns: The sums with the biases.
  mutating func convolve(
    _ x: String, _ weights: QuantizedWeights, _ geometry: ConvolutionGeometry
  ) -> String {
    let outer = weights.shape.channels
    let kernels = Self.filtersFirst(weights.values, weights.shape)
    let scales = constant(weights.scales, [outer], "scales")
    let zeros = constant(Data(count: outer), .signedByte, [outer], "zeros")
    let bytes = constant(
      kernels.withUnsafeBytes { Data($0) }, .signedByte,
      [outer, weights.shape.width, geometry.size, geometry.size], "weights")
    let kernel = add("DequantizeLinear", [bytes, scales, zeros], [.integer("axis", 0)])
    return convolve(x, kernel: kernel, bias: constant(weights.biases, [outer], "bias"), geometry)
  }
}
