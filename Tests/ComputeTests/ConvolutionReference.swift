import Compute

/// A direct convolution and its gradients in double precision, as the definition reads.
struct ConvolutionReference {
  let input: Shape
  let output: Shape
  let geometry: ConvolutionGeometry

  init(input: Shape, output: Shape, geometry: ConvolutionGeometry) {
    self.input = input
    self.output = output
    self.geometry = geometry
  }

  /// Overwrites nothing: Σ x · w at every output.
  func forward(_ x: [Float], _ weights: [Float]) -> [Double] {
    var y = [Double](repeating: 0, count: output.count)
    forEachTerm { from, tap, to in y[to] += Double(x[from]) * Double(weights[tap]) }
    return y
  }

  /// dL/dx from dL/dy.
  func inputGradient(_ dy: [Float], _ weights: [Float]) -> [Double] {
    var dx = [Double](repeating: 0, count: input.count)
    forEachTerm { from, tap, to in dx[from] += Double(dy[to]) * Double(weights[tap]) }
    return dx
  }

  /// dL/dweights from dL/dy.
  func weightGradient(_ dy: [Float], _ x: [Float]) -> [Double] {
    var dw = [Double](repeating: 0, count: weightShape.count)
    forEachTerm { from, tap, to in dw[tap] += Double(dy[to]) * Double(x[from]) }
    return dw
  }

  /// [R, S, C / groups, K].
  var weightShape: Shape {
    Shape(
      batch: geometry.size, height: geometry.size, width: input.channels / geometry.groups,
      channels: output.channels)
  }

  /// Calls `body` with the flat indices of x, w and y of every product.
  private func forEachTerm(_ body: (Int, Int, Int) -> Void) {
    let channels = input.channels / geometry.groups
    let filters = output.channels / geometry.groups
    for n in 0..<output.batch {
      for p in 0..<output.height {
        for q in 0..<output.width {
          for r in 0..<geometry.size {
            for s in 0..<geometry.size {
              let i = p * geometry.stride + r * geometry.dilation - geometry.padding
              let j = q * geometry.stride + s * geometry.dilation - geometry.padding
              guard i >= 0, i < input.height, j >= 0, j < input.width else { continue }
              for k in 0..<output.channels {
                for c in 0..<channels {
                  body(
                    ((n * input.height + i) * input.width + j) * input.channels
                      + k / filters * channels + c,
                    ((r * geometry.size + s) * channels + c) * output.channels + k,
                    ((n * output.height + p) * output.width + q) * output.channels + k)
                }
              }
            }
          }
        }
      }
    }
  }
}
