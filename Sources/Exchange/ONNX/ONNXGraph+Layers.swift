import Compute
import Layers
import Networks

extension ONNXGraph {
  /// Adds a layer as it computes in inference.
  ///
  /// - Parameters:
  ///   - layer: The layer.
  ///   - inputs: The names of what it reads.
  ///   - shapes: Their shapes, [1, H, W, C].
  /// - Returns: The name of its output; nil: ONNX has nothing that this exporter knows for it.
  mutating func add(_ layer: any Layer, _ inputs: [String], _ shapes: [Shape]) -> String? {
    let (x, shape) = (inputs[0], shapes[0])
    switch layer {
    case let layer as Convolution: return convolve(x, layer)
    case let layer as Connected: return connect(x, shape, layer)
    case let layer as BatchNormalization: return normalize(x, layer)
    case let layer as ActivationLayer: return activate(x, layer.activation)
    case let layer as MaxPool: return pool(x, "MaxPool", layer.window)
    case let layer as LocalAveragePool: return pool(x, "AveragePool", layer.window)
    case is AveragePool: return add("GlobalAveragePool", [x])
    case let layer as DepthMaxPool:
      let parts = [0, shape.channels / layer.channels, layer.channels, shape.height, shape.width]
      return add(
        "ReduceMax", [reshape(x, parts)], [.integers("axes", [1]), .integer("keepdims", 0)])
    case let layer as Upsample: return multiply(enlarge(x, layer.stride), by: layer.scale)
    case let layer as Route: return join(inputs, shapes, layer)
    case let layer as Shortcut: return sum(inputs, shapes, layer)
    case let layer as ScaleChannels:
      return activate(add("Mul", [inputs[1], x]), layer.activation)
    case let layer as Sam: return activate(add("Mul", [inputs[1], x]), layer.activation)
    case let layer as Reorg: return reorganize(x, shape, layer.stride)
    case let layer as Crop: return crop(x, shape, layer)
    case let layer as Softmax: return softmax(x, shape, groups: layer.groups)
    case is HeadLayer, is Dropout: return x
    default: return nil
    }
  }

  /// Adds a convolution with kernels of the engine's order, `weights` [R, S, C / groups, K]; a bias of
  /// [K], or none.
  mutating func convolve(
    _ x: String, weights: [Float], shape: Shape, bias: [Float], _ geometry: ConvolutionGeometry
  ) -> String {
    let (size, inner, outer) = (geometry.size, shape.width, shape.channels)
    let kernel = constant(
      Self.filtersFirst(weights, shape), [outer, inner, size, size], "weights")
    return convolve(
      x, kernel: kernel, bias: bias.isEmpty ? nil : constant(bias, [outer], "bias"), geometry)
  }

  /// Weights [R, S, C, K] as [K, C, R, S].
  static func filtersFirst<Value: Numeric>(_ weights: [Value], _ shape: Shape) -> [Value] {
    let (taps, inner, outer) = (shape.batch * shape.height, shape.width, shape.channels)
    var kernels = [Value](repeating: 0, count: weights.count)
    for tap in 0..<taps {
      for channel in 0..<inner {
        for filter in 0..<outer {
          kernels[(filter * inner + channel) * taps + tap] =
            weights[(tap * inner + channel) * outer + filter]
        }
      }
    }
    return kernels
  }

  /// A convolution with filters [K, C, R, S] and biases [K].
  mutating func convolve(
    _ x: String, kernel: String, bias: String?, _ geometry: ConvolutionGeometry
  ) -> String {
    let (size, padding) = (geometry.size, geometry.padding)
    return add(
      "Conv", [x, kernel] + [bias].compactMap(\.self),
      [
        .integers("kernel_shape", [size, size]),
        .integers("strides", [geometry.stride, geometry.stride]),
        .integers("pads", [padding, padding, padding, padding]),
        .integers("dilations", [geometry.dilation, geometry.dilation]),
        .integer("group", geometry.groups),
      ])
  }

  /// Batch normalisation becomes part of weights and biases.
  private mutating func convolve(_ x: String, _ layer: Convolution) -> String {
    let (weights, biases) = layer.foldedWeights
    let sum = convolve(
      x, weights: weights, shape: layer.weights.values.shape, bias: biases, layer.geometry)
    return activate(sum, layer.activation)
  }

  /// Weights count their inputs row by row there, channel by channel here.
  private mutating func connect(_ x: String, _ input: Shape, _ layer: Connected) -> String {
    let (own, biases) = layer.foldedWeights
    let outputs = biases.count
    var weights = [Float](repeating: 0, count: own.count)
    for pixel in 0..<input.height * input.width {
      for channel in 0..<input.channels {
        let from = (pixel * input.channels + channel) * outputs
        let to = (channel * input.height * input.width + pixel) * outputs
        weights.replaceSubrange(to..<to + outputs, with: own[from..<from + outputs])
      }
    }
    let flat = add("Flatten", [x], [.integer("axis", 1)])
    let sum = add(
      "Gemm",
      [
        flat, constant(weights, [input.countPerImage, outputs], "weights"),
        constant(biases, [outputs], "bias"),
      ])
    return reshape(activate(sum, layer.activation), [0, outputs, 1, 1])
  }

  private mutating func normalize(_ x: String, _ layer: BatchNormalization) -> String {
    let parameters = [
      ("scale", layer.scales), ("bias", layer.biases), ("mean", layer.rollingMean),
      ("variance", layer.rollingVariance),
    ].map { constant($0.1.values.values, [layer.channels], $0.0) }
    let normal = add(
      "BatchNormalization", [x] + parameters, [.float("epsilon", batchNormEpsilon)])
    return activate(normal, layer.activation)
  }

  private mutating func pool(
    _ x: String, _ operation: String, _ window: PoolingWindow
  ) -> String {
    let before = window.padding / 2
    let after = window.padding - before
    // What is outside is never a maximum, and does not count in a mean.
    return add(
      operation, [x],
      [
        .integers("kernel_shape", [window.height, window.width]),
        .integers("strides", [window.strideY, window.strideX]),
        .integers("pads", [before, before, after, after]),
      ])
  }

  private mutating func enlarge(_ x: String, _ factor: Int) -> String {
    add(
      "Resize", [x, "", constant([1, 1, Float(factor), Float(factor)], [4], "scales")],
      [
        .text("mode", "nearest"), .text("coordinate_transformation_mode", "asymmetric"),
        .text("nearest_mode", "floor"),
      ])
  }

  private mutating func join(_ inputs: [String], _ shapes: [Shape], _ layer: Route) -> String {
    let parts = zip(inputs, shapes).map { input, shape in
      let count = shape.channels / layer.groups
      return layer.groups == 1
        ? input : slice(input, [1: (layer.groupID * count, (layer.groupID + 1) * count, 1)])
    }
    return parts.count == 1 ? parts[0] : add("Concat", parts, [.integer("axis", 1)])
  }

  private mutating func sum(_ inputs: [String], _ shapes: [Shape], _ layer: Shortcut) -> String {
    var sum = inputs[0]
    for (input, shape) in zip(inputs, shapes).dropFirst() {
      sum = add("Add", [sum, fitted(input, shape, to: shapes[0])])
    }
    return activate(sum, layer.activation)
  }

  /// What Darknet adds of a map to one of another shape: the common channels, at the pixels that both have,
  /// and 0 elsewhere.
  private mutating func fitted(_ x: String, _ shape: Shape, to other: Shape) -> String {
    var (x, shape) = (x, shape)
    let channels = min(shape.channels, other.channels)
    let step = max(1, shape.width / other.width)
    if step > 1 || channels < shape.channels {
      x = slice(
        x, [1: (0, channels, 1), 2: (0, shape.height, step), 3: (0, shape.width, step)])
      shape.height = (shape.height + step - 1) / step
      shape.width = (shape.width + step - 1) / step
    }
    let spread = max(1, other.width / shape.width)
    if spread > 1 {
      x = reshape(x, [0, channels, shape.height, 1, shape.width, 1])
      x = pad(x, after: [0, 0, 0, spread - 1, 0, spread - 1])
      x = reshape(x, [0, channels, shape.height * spread, shape.width * spread])
    }
    return channels < other.channels ? pad(x, after: [0, other.channels - channels, 0, 0]) : x
  }

  /// Darknet's order: the map is read as C / s² channels of s · H rows and s · W columns.
  private mutating func reorganize(_ x: String, _ shape: Shape, _ stride: Int) -> String {
    let narrow = shape.channels / (stride * stride)
    let wide = reshape(x, [0, narrow, shape.height, stride, shape.width, stride])
    let turned = add("Transpose", [wide], [.integers("perm", [0, 3, 5, 1, 2, 4])])
    return reshape(
      turned,
      [0, shape.channels * stride * stride, shape.height / stride, shape.width / stride])
  }

  private mutating func crop(_ x: String, _ shape: Shape, _ layer: Crop) -> String {
    let (top, left) = ((shape.height - layer.height) / 2, (shape.width - layer.width) / 2)
    let part = slice(x, [2: (top, top + layer.height, 1), 3: (left, left + layer.width, 1)])
    return layer.keepsValues ? part : add(multiply(part, by: 2), -1)
  }

  /// Parts of an image's values, which for several groups must be one pixel.
  private mutating func softmax(_ x: String, _ shape: Shape, groups: Int) -> String? {
    guard shape.rows == shape.batch else { return nil }
    if groups == 1 { return add("Softmax", [x], [.integer("axis", 1)]) }
    let parts = reshape(x, [0, groups, shape.channels / groups])
    return reshape(add("Softmax", [parts], [.integer("axis", 2)]), [0, shape.channels, 1, 1])
  }
}
