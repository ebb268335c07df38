package import Compute

/// `[reorg]`: YOLOv2's pass-through, H×W×C to H/s × W/s × C·s², in Darknet's order.
///
/// Darknet permutes the C, H, W values as if the map had C/s² channels of s·H by s·W; that order is
/// kept, because trained weights depend on it. It is a permutation, so backward is its inverse.
package final class Reorg: Layer {
  /// `reorg`.
  package let kind = "reorg"
  /// s.
  package let stride: Int

  /// A pass-through.
  ///
  /// - Throws: ``LayerError`` unless stride ≥ 1.
  package init(stride: Int) throws {
    guard stride >= 1 else {
      throw LayerError.invalid(layer: kind, reason: "stride=\(stride) must be at least 1")
    }
    self.stride = stride
  }

  /// H / s, W / s, C · s².
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    let input = try only(inputs)
    let square = stride * stride
    guard input.height % stride == 0, input.width % stride == 0, input.channels % square == 0 else {
      throw LayerError.invalid(
        layer: kind,
        reason: "stride=\(stride) does not divide \(input.width)x\(input.height)x\(input.channels)")
    }
    return Shape(
      batch: input.batch, height: input.height / stride, width: input.width / stride,
      channels: input.channels * square)
  }

  /// Permutes values.
  package func forward(_ pass: ForwardPass) {
    pass.backend.permute(
      pass.inputs[0], by: permutation(pass.inputs[0].shape),
      into: GradientTarget(pass.output, accumulate: false))
  }

  /// Permutes back.
  package func backward(_ pass: BackwardPass) {
    guard let target = pass.inputGradients[0] else { return }
    let map = permutation(pass.inputs[0].shape)
    var inverse = map
    for (to, from) in map.enumerated() { inverse[from] = to }
    pass.backend.permute(pass.outputGradient, by: inverse, into: target)
  }

  /// For each output value (H, W, C order) the input value (H, W, C order) that goes there.
  private func permutation(_ input: Shape) -> [Int] {
    let (height, width, channels) = (input.height, input.width, input.channels)
    let narrow = channels / (stride * stride)
    let (outHeight, outWidth) = (height / stride, width / stride)
    let outChannels = channels * stride * stride
    var map = [Int](repeating: 0, count: input.countPerImage)
    for k in 0..<channels {
      for j in 0..<height {
        for i in 0..<width {
          // Darknet: input (k, j, i) of C×H×W takes its value from this place of the wide view.
          let wideColumn = i * stride + k / narrow % stride
          let wideRow = j * stride + k / narrow / stride
          let wide = wideColumn + width * stride * (wideRow + height * stride * (k % narrow))
          // Both flat C, H, W indices: of the input the value is read from, of the output it goes to.
          let flat = i + width * (j + height * k)
          let from = hwc(wide, channels: channels, height: height, width: width)
          let to = hwc(flat, channels: outChannels, height: outHeight, width: outWidth)
          map[to] = from
        }
      }
    }
    return map
  }

  private func hwc(_ chw: Int, channels: Int, height: Int, width: Int) -> Int {
    let column = chw % width
    let row = chw / width % height
    return (row * width + column) * channels + chw / (width * height)
  }
}
