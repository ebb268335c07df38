import Compute
import Detection
import Layers
package import Networks

/// The table of a network's layers, with what it costs.
package struct NetworkSummary: Sendable, Encodable {
  /// One layer.
  package struct Row: Sendable, Encodable {
    /// Position among the layers, from 0.
    package let index: Int
    /// The section's name.
    package let layer: String
    /// Of a convolution; nil for other layers.
    package let filters: Int?
    /// Kernel or window, for example `3x3/2`, `3x3/1 groups 16`; the layers read, for example `4 9`.
    package let size: String
    /// Width, height, channels.
    package let input: [Int]
    /// Width, height, channels.
    package let output: [Int]
    /// 10⁹ multiplications and additions for one image.
    package let bflops: Double
    /// Floats in the weights file.
    package let parameters: Int
    /// 1-based line of the cfg.
    package let line: Int
  }

  /// The cfg.
  package let file: String
  /// In order.
  package let layers: [Row]
  /// 10⁹ multiplications and additions for one image.
  package let bflops: Double
  /// Floats, statistics of batch normalisation included.
  package let parameters: Int
  /// Of a weights file with a 20-byte header.
  package let weightsBytes: Int
  /// All layers' outputs for one image; plans share memory and need less.
  package let activationBytes: Int
  /// What running the network takes, for a batch.
  package let memory: NetworkMemory
  /// What training takes with the cfg's optimiser, likewise.
  package let trainingBytes: Int
  /// How often the parameters lie in memory in training: values, gradients and what the optimiser
  /// remembers.
  package let trainingCopies: Int

  /// Counts a network at its cfg's size, without running it.
  ///
  /// - Parameters:
  ///   - network: The layers.
  ///   - batch: Images of the plans whose memory is counted.
  /// - Throws: ``LayerError`` never for a network that was built.
  package init(_ network: NetworkDefinition, batch: Int = 1) throws {
    var rows: [Row] = []
    let heads = Dictionary(uniqueKeysWithValues: network.heads.map { ($0.layer, $0.head) })
    for (index, node) in network.nodes.enumerated() {
      let operations = try node.layer.floatingPointOperations(for: node.inputShapes)
      rows.append(
        Row(
          index: index, layer: node.layer.kind, filters: (node.layer as? Convolution)?.filters,
          size: Self.size(of: node, heads[index]), input: Self.extents(node.inputShapes.first),
          output: Self.extents(node.outputShape), bflops: operations / 1e9,
          parameters: node.storedParameterCount, line: node.line))
    }
    file = network.file.fileName
    layers = rows
    bflops = rows.reduce(0) { $0 + $1.bflops }
    parameters = network.parameterCount
    weightsBytes = WeightsFile.byteCount(of: network.nodes)
    activationBytes = network.nodes.reduce(0) { $0 + 4 * $1.outputShape.count }
    var input = network.inputShape
    input.batch = batch
    memory = try NetworkMemory(
      network.nodes, outputs: network.outputs, input: input, saving: network.net.savedActivations)
    let slots = network.net.optimizer.slots.count
    trainingBytes = memory.trainingBytes(slots: slots)
    trainingCopies = 2 + slots
  }

  private static func extents(_ shape: Shape?) -> [Int] {
    shape.map { [$0.width, $0.height, $0.channels] } ?? []
  }

  private static func size(of node: LayerNode, _ head: DetectionHead?) -> String {
    switch node.layer {
    case let layer as Convolution:
      let geometry = layer.geometry
      let groups = geometry.groups > 1 ? " groups \(geometry.groups)" : ""
      let dilation = geometry.dilation > 1 ? " dilation \(geometry.dilation)" : ""
      return "\(geometry.size)x\(geometry.size)/\(geometry.stride)\(groups)\(dilation)"
    case let layer as MaxPool: return size(of: layer.window)
    case let layer as LocalAveragePool: return size(of: layer.window)
    case is DepthMaxPool: return "over channels"
    case let layer as Upsample: return "\(layer.stride)x"
    case let layer as Reorg: return "/\(layer.stride)"
    case let layer as Dropout: return "p = \(layer.probability)"
    case let layer as ActivationLayer: return layer is Logistic ? "" : layer.activation.rawValue
    case let layer as Crop: return "\(layer.width)x\(layer.height)"
    case let layer as Route:
      let part = layer.groups > 1 ? " part \(layer.groupID + 1)/\(layer.groups)" : ""
      return node.inputs.map(String.init).joined(separator: " ") + part
    case is Shortcut, is ScaleChannels, is Sam:
      return node.inputs.dropFirst().map(String.init).joined(separator: " ")
    default:
      let mask: [Int]? =
        switch head {
        case .yolo(let head): head.mask
        case .gaussian(let head): head.boxes.mask
        case .region, nil: nil
        }
      return mask.map { "anchors \($0.map(String.init).joined(separator: " "))" } ?? ""
    }
  }

  private static func size(of window: PoolingWindow) -> String {
    let stride =
      window.strideX == window.strideY
      ? "\(window.strideX)" : "\(window.strideX)x\(window.strideY)"
    return "\(window.width)x\(window.height)/\(stride)"
  }
}
