import Compute
import Layers
import Networks

/// What a builder gives: a layer and what it reads.
struct LayerParts {
  let layer: any Layer
  let inputs: [Int]
  /// How many times coarser the output grid is than the input's: 2 for stride 2, ½ for upsampling.
  var coarsening = GridStride(1)
  /// What the section says about the network's outputs.
  var head: DetectionOutput?
  /// What a `[softmax]` says about its training.
  var classifier: ClassifierTraining?
  /// What a `[heatmap]` says.
  var heatmap: HeatmapOutput?
}

/// Cells of a finer grid per cell of a coarser one.
struct GridStride: Equatable {
  /// To the right and down.
  var x, y: Double

  init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  /// The same in both directions.
  init(_ stride: Double) { self.init(x: stride, y: stride) }

  static func * (a: GridStride, b: GridStride) -> GridStride {
    GridStride(x: a.x * b.x, y: a.y * b.y)
  }
}

/// The largest network that is built: a slip of the pen must not eat the machine's memory.
struct LayerLimits {
  /// Floats of all parameters together: 4 GiB.
  var parameters = 1 << 30
  /// Values of one layer's output for one image: 4 GiB.
  var activations = 1 << 30
}

/// A section about to become a layer, and the layers before it.
struct LayerContext {
  let configuration: NetConfiguration
  let limits: LayerLimits
  /// Where parameters lie.
  let memory: any MemorySource
  var section: ConfigurationSection
  /// The sections around it; nil at the ends of the file.
  var before, after: ConfigurationSection?
  private(set) var nodes: [LayerNode] = []
  private(set) var outputs = SectionOutputs()
  private var parameterCount = 0
  /// Input pixels per cell of each layer's output, as strides tell.
  private var strides: [GridStride] = []
  private let net: ConfigurationSection

  init(
    _ configuration: NetConfiguration, _ net: ConfigurationSection, _ limits: LayerLimits,
    on memory: any MemorySource
  ) {
    self.configuration = configuration
    self.net = net
    self.limits = limits
    self.memory = memory
    section = net
    outputs.labelSmoothing = configuration.labelSmoothing
  }

  /// The index that the layer will have.
  var index: Int { nodes.count }

  /// The layer before, -1 at the start.
  var previous: Int { nodes.count - 1 }

  /// What the layer before gives.
  var input: Shape { shape(of: previous) }

  /// The output of a layer, or the network's input for -1.
  func shape(of index: Int) -> Shape {
    guard nodes.indices.contains(index) else {
      return Shape(
        height: configuration.height, width: configuration.width, channels: configuration.channels)
    }
    return nodes[index].outputShape
  }

  /// The layers that `layers=` or `from=` names: negative counts back from here.
  func layers(_ key: String) throws(DarknetError) -> [Int] {
    guard section[key] != nil else { throw section.error("[\(section.name)] has no \(key)=") }
    var resolved: [Int] = []
    for number in try section.integers(key, in: -1_000_000...1_000_000) {
      let index = number < 0 ? self.index + number : number
      guard nodes.indices.contains(index) else {
        let range = nodes.isEmpty ? "there is none" : "there are 0...\(nodes.count - 1)"
        throw section.error(
          "\(key)=\(number) in [\(section.name)], layer \(self.index), names layer \(index); "
            + "before it \(range)", line: section[key]?.line)
      }
      resolved.append(index)
    }
    return resolved
  }

  /// One stride; `stride_x` and `stride_y` must agree.
  func stride(default fallback: Int = 1) throws(DarknetError) -> Int {
    let (across, down) = try strides(default: fallback)
    guard across == down else {
      throw section.error(
        "stride_x=\(across) and stride_y=\(down) differ, which is not supported",
        line: section["stride_x"]?.line ?? section["stride_y"]?.line)
    }
    return across
  }

  /// `stride_x` and `stride_y`, `stride` where they are absent.
  func strides(default fallback: Int = 1) throws(DarknetError) -> (x: Int, y: Int) {
    let sizes = 1...64
    let stride = try section.integer("stride", default: fallback, in: sizes)
    return (
      try section.integer("stride_x", default: stride, in: sizes),
      try section.integer("stride_y", default: stride, in: sizes)
    )
  }

  func activation(default fallback: Activation) throws(DarknetError) -> Activation {
    if let entry = section["activation"], entry.value.hasPrefix("normalize_channels") {
      throw section.error(
        "activation=\(quoted(entry.value)) in [\(section.name)] is not supported: activations take "
          + "one value, not all channels of a pixel", line: entry.line)
    }
    return try section.choice("activation", default: fallback)
  }

  /// Refuses weights beyond the limit, before memory is taken for them.
  func checkParameters(_ factors: Int...) throws(DarknetError) {
    var count = parameterCount
    var product = 1
    for factor in factors {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(1, factor))
      product = overflow ? .max / 2 : min(next, .max / 2)
    }
    count += product
    guard count <= limits.parameters else {
      throw section.error(
        "with [\(section.name)], layer \(index), the network has more than "
          + "\(limits.parameters) weights, the most that is supported")
    }
  }

  func error(_ error: LayerError) -> DarknetError {
    guard case .invalid(_, let reason) = error else { return section.error("\(error)") }
    return section.error("[\(section.name)], layer \(index): \(reason)")
  }

  /// Puts the layer in its place.
  mutating func append(_ parts: LayerParts) throws {
    let inputShapes = parts.inputs.map { shape(of: $0) }
    let reads = parts.inputs.map { $0 < 0 ? GridStride(1) : strides[$0] }
    let output: Shape
    do {
      output = try parts.layer.outputShape(for: inputShapes)
    } catch let error as LayerError {
      try checkInputSize(inputShapes, reads)
      throw self.error(error)
    }
    guard output.height > 0, output.width > 0, output.channels > 0 else {
      throw section.error(
        "[\(section.name)], layer \(index): nothing is left of the input's \(input)")
    }
    let (area, overflow) = output.width.multipliedReportingOverflow(by: output.height)
    guard !overflow, area <= limits.activations / output.channels else {
      throw section.error(
        "[\(section.name)], layer \(index): an output of \(output.width)x\(output.height)x"
          + "\(output.channels) is more than is supported")
    }
    // Which sample of a larger map goes where is settled only between grids that fit.
    if section.name == "shortcut" { try checkInputSize(inputShapes, reads) }
    strides.append((reads.first ?? GridStride(1)) * parts.coarsening)
    if parts.head != nil || parts.heatmap != nil { try checkHead() }
    if let head = parts.head { outputs.heads.append(head) }
    if let training = parts.classifier { outputs.classifiers[index] = training }
    if let heatmap = parts.heatmap { outputs.heatmaps.append(heatmap) }
    parameterCount += parts.layer.parameters.reduce(0) { $0 + $1.values.count }
    var node = LayerNode(
      layer: parts.layer, inputs: parts.inputs, inputShapes: inputShapes, outputShape: output,
      line: section.line)
    try TrainingKeys(section: section, burnIn: configuration.burnIn).apply(to: &node)
    nodes.append(node)
  }

  /// Maps of one stride must have one size, which they have if the stride divides the input's.
  private func checkInputSize(
    _ shapes: [Shape], _ strides: [GridStride]
  ) throws(DarknetError) {
    guard let first = strides.first, strides.allSatisfy({ $0 == first }),
      !shapes.allSatisfy({ $0.width == shapes[0].width && $0.height == shapes[0].height })
    else { return }
    try checkInputSize(
      multipleOf: GridStride(
        x: self.strides.map(\.x).max() ?? 1, y: self.strides.map(\.y).max() ?? 1))
  }

  private func checkHead() throws(DarknetError) {
    try checkInputSize(multipleOf: strides.last ?? GridStride(1))
  }

  private func checkInputSize(multipleOf strides: GridStride) throws(DarknetError) {
    for (key, size, stride) in [
      ("width", configuration.width, strides.x), ("height", configuration.height, strides.y),
    ] where stride >= 1 && stride == stride.rounded() {
      let stride = Int(stride)
      if size.isMultiple(of: stride) { continue }
      let fitting = max(1, (size + stride / 2) / stride) * stride
      throw net.error(
        "\(key)=\(size) is not a multiple of \(stride), the stride of "
          + "[\(section.name)] at line \(section.line); \(fitting) is", line: net[key]?.line)
    }
  }
}
