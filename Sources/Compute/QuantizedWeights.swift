/// Weights of a convolution as whole numbers, symmetric, with a scale for each filter:
/// y[k] = scales[k] · Σ x · values[…, k] + biases[k].
package struct QuantizedWeights: Sendable {
  /// [R, S, C / groups, K] (HWIO).
  package let shape: Shape
  /// −127...127 in the order of the shape.
  package let values: [Int8]
  /// [K], above 0.
  package let scales: [Float]
  /// [K], with batch normalisation folded in.
  package let biases: [Float]

  /// Weights whose counts fit the shape.
  package init(shape: Shape, values: [Int8], scales: [Float], biases: [Float]) {
    precondition(
      values.count == shape.count && scales.count == shape.channels
        && biases.count == shape.channels, "weights that do not fit their shape")
    self.shape = shape
    self.values = values
    self.scales = scales
    self.biases = biases
  }

  /// The nearest whole numbers.
  ///
  /// - Parameters:
  ///   - values: In the order of `shape`.
  ///   - shape: [R, S, C / groups, K].
  ///   - biases: [K].
  ///   - largest: The largest size of a weight of each filter that is met; larger ones become it. nil: no
  ///     weight does.
  package init(
    rounding values: [Float], shape: Shape, biases: [Float], largest: [Float]? = nil
  ) {
    let filters = shape.channels
    var sizes = largest ?? [Float](repeating: 0, count: filters)
    if largest == nil {
      for (i, value) in values.enumerated() {
        sizes[i % filters] = max(sizes[i % filters], abs(value))
      }
    }
    // A filter of zeros has any scale.
    let scales = sizes.map { $0 > 0 ? max($0 / 127, .leastNormalMagnitude) : 1 }
    self.init(
      shape: shape,
      values: values.enumerated().map { i, value in
        Int8(min(127, max(-127, (value / scales[i % filters]).rounded(.toNearestOrEven))))
      }, scales: scales, biases: biases)
  }

  /// What the whole numbers stand for, in the order of the shape.
  package var rounded: [Float] {
    values.enumerated().map { Float($1) * scales[$0 % scales.count] }
  }

  /// The most products that a sum of 32 bits holds whatever the bytes.
  package static let mostProducts = Int(Int32.max) / (255 * 128)
}

/// Weights in the form in which a backend's kernels read them; the plain ones need not be kept.
package final class PackedWeights {
  /// [R, S, C / groups, K].
  package let shape: Shape
  /// The convolution that they were packed for.
  package let geometry: ConvolutionGeometry
  /// Scales and biases of the filters, [K] each.
  package let scales: [Float]
  package let biases: [Float]
  /// The sum of each filter's whole numbers, [K].
  package let sums: [Int32]
  /// What the backend made of the whole numbers.
  let contents: AnyObject
  /// What it made of scales and biases for the last call.
  var settled: AnyObject?

  /// Weights with what a backend made of them.
  init(_ weights: QuantizedWeights, geometry: ConvolutionGeometry, contents: AnyObject) {
    shape = weights.shape
    self.geometry = geometry
    scales = weights.scales
    biases = weights.biases
    var sums = [Int32](repeating: 0, count: weights.shape.channels)
    for start in stride(from: 0, to: weights.values.count, by: sums.count) {
      for k in sums.indices { sums[k] += Int32(weights.values[start + k]) }
    }
    self.sums = sums
    self.contents = contents
  }
}

/// What a convolution of bytes makes of its sums z: f(z), and perhaps the sum with another tensor.
package struct QuantizedEpilogue {
  /// f, one of ``fused``.
  package var activation: Activation
  /// A tensor of bytes and of the output's shape.
  package var residual: ConvolutionEpilogue.Residual?

  /// An epilogue.
  package init(activation: Activation = .linear, residual: ConvolutionEpilogue.Residual? = nil) {
    precondition(QuantizedEpilogue.fused.contains(activation), "\(activation) is not fused")
    self.activation = activation
    self.residual = residual
  }

  /// The activations that kernels apply while they store.
  package static let fused: Set<Activation> = [.linear, .leaky, .relu, .relu6]
}
