package import Compute
import Darknet
import Files
import Layers
package import Networks
import SwiftProtobuf
import Uncertainty

/// A network in ONNX's format, operator set 17, as other programs run it.
///
/// The input `images` is [N, C, H, W], values 0...1, in RGB; what `[net]` does to them with `mean=` and `std=`
/// is part of the graph. Batch normalisation is part of the convolutions. Outputs, with M anchors of all
/// heads in the order of the heads and in each H, W, A:
///
/// | network | outputs |
/// |---|---|
/// | detector | `boxes` [N, M, 4], left, top, right, bottom in pixels of the input; `scores` [N, M, L], objectness times probability of the class; `objectness` [N, M, 1]; nothing is suppressed |
/// | its raw heads | `logits_0` …, [N, A · (5 + L), H, W] |
/// | classifier | `probabilities` and `logits`, [N, L] |
/// | keypoints | `heatmaps` [N, K, H, W], probabilities, or heights of a network with `loss=mse` |
/// | else | `output`, that of the last layer |
///
/// A branch for the place of boxes adds `expected_iou`, [N, M, 1], a Bayesian one `mean`, `variance` of its logits and `bald` in bits: [N, M, 1], or the shape of
/// the decisions that it stands beside.
package struct ONNXModel {
  /// What is to be written.
  package struct Options {
    /// The sides of the input in pixels; nil: the network's own.
    package var size: (width: Int, height: Int)?
    /// Whether N is left open; otherwise it is 1.
    package var hasOpenBatch = false
    /// Whether heads give their logits instead of boxes.
    package var hasRawHeads = false
    /// Whether what Bayesian branches say is left out.
    package var leavesOutUncertainty = false
    /// The weights of a quantised network's convolutions, by layer.
    package var quantizedWeights: [Int: QuantizedWeights] = [:]

    /// Boxes of one image of the network's own size, with their uncertainty.
    package init() {}
  }

  /// ONNX's operator set.
  package static let operatorSet = 17
  /// The version of the format that goes with it.
  private static let formatVersion: Int64 = 8

  /// The outputs with their shapes, N first.
  package internal(set) var outputs: [(name: String, shape: [Int])] = []
  /// The number of operators.
  package var operatorCount: Int { graph.nodes.count }

  let network: Network
  let options: Options
  let plan: NetworkPlan
  var graph = ONNXGraph()
  /// The name of what each layer gives, as far as it is computed.
  private var values: [Int: String] = [:]
  /// Outputs as they are read by layers that read bytes.
  private var bytes: [Int: String] = [:]
  private var metadata: [(key: String, value: String)]

  /// Translates a network.
  ///
  /// - Parameters:
  ///   - network: With its weights.
  ///   - options: What is to be written.
  ///   - metadata: What the file says of it, by key.
  /// - Throws: `NetworkError` for a size that does not go through the network; ``ExchangeError`` for a layer
  ///   that has no operators; `ComputeError`.
  package init(
    _ network: Network, options: Options = Options(), metadata: [(key: String, value: String)] = []
  ) throws {
    self.network = network
    self.options = options
    self.metadata = metadata
    plan = try network.makePlan(
      input: network.inputShape(
        batch: 1, width: options.size?.width, height: options.size?.height), mode: .inference)
    try addLayers()
    try addOutputs()
    var taken: Set<String> = ["images"]
    precondition(outputs.allSatisfy { taken.insert($0.name).inserted }, "two outputs of a name")
  }

  /// Writes the file.
  ///
  /// - Throws: `FileError` if the system refuses.
  package func write(to path: String) throws {
    let bytes: [UInt8] = try message.serializedBytes()
    try AtomicFile.write(bytes, to: path)
  }

  // MARK: - Layers

  private mutating func addLayers() throws {
    values[-1] = "images"
    if let normalization = network.normalization {
      graph.layer = "input"
      let channels = normalization.mean.count
      let mean = graph.constant(normalization.mean, [1, channels, 1, 1], "mean")
      let deviation = graph.constant(normalization.deviation, [1, channels, 1, 1], "deviation")
      values[-1] = graph.add("Div", [graph.add("Sub", ["images", mean]), deviation])
    }
    store(values[-1] ?? "images", of: -1, root: -1)
    for (index, node) in network.nodes.enumerated() where !node.isOptional {
      graph.layer = "\(index)_\(node.layer.kind)"
      if node.isAlias(in: .inference) {
        values[index] = try value(node.inputs[0], readBy: node)
        bytes[index] = bytes[node.inputs[0]]
      } else {
        // Where a convolution computes a shortcut, it is the sum that is stored.
        let root = plan.convolution(summing: index) ?? index
        let output = try output(of: index, node, readsBytes: plan.byteUse(of: root).readsBytes)
        if root == index && plan.sumsShortcut(index) {
          (values[index], bytes[index]) = (output, output)
        } else {
          store(output, of: index, root: root)
        }
      }
    }
  }

  /// Notes what the readers of a layer's output see, which is rounded where it is bytes.
  private mutating func store(_ value: String, of index: Int, root: Int) {
    values[index] = value
    let use = plan.byteUse(of: root)
    guard use.makesBytes || use.wantsBytes, let own = network.quantization?[root] else { return }
    let stored = graph.stored(value, as: own)
    bytes[index] = stored
    if use.makesBytes { values[index] = stored }
  }

  private mutating func output(
    of index: Int, _ node: LayerNode, readsBytes: Bool
  ) throws -> String {
    let inputs = try node.inputs.map { input in
      readsBytes ? try bytes[input] ?? value(input, readBy: node) : try value(input, readBy: node)
    }
    if let layer = node.layer as? ConvBayes {
      return graph.activate(graph.mean(inputs[0], layer), layer.activation)
    }
    if let layer = node.layer as? QuantizedConvolution {
      guard let weights = options.quantizedWeights[index] else {
        throw unsupported(node, "[\(layer.kind)] of bytes without its whole numbers")
      }
      return graph.activate(
        graph.convolve(inputs[0], weights, layer.geometry), layer.activation)
    }
    let shapes = node.inputs.map { $0 < 0 ? plan.input.shape : plan.shapes[$0] }
    let output = graph.add(node.layer, inputs, shapes)
    guard let output else {
      throw unsupported(node, "[\(node.layer.kind)] cannot be written as ONNX here")
    }
    return output
  }

  func value(_ index: Int, readBy node: LayerNode) throws -> String {
    guard let value = values[index] else {
      throw unsupported(node, "[\(node.layer.kind)] reads a layer that inference leaves out")
    }
    return value
  }

  func unsupported(_ node: LayerNode, _ reason: String) -> ExchangeError {
    .unsupported(file: network.name, line: node.line, reason: reason)
  }

  // MARK: - The file

  private var message: Onnx_ModelProto {
    var model = Onnx_ModelProto()
    model.irVersion = Self.formatVersion
    model.producerName = "detector"
    model.opsetImport = [
      .with {
        $0.domain = ""
        $0.version = Int64(Self.operatorSet)
      }
    ]
    let input = plan.input.shape
    model.graph = .with { message in
      message.name = network.name
      message.node = graph.nodes
      message.initializer = graph.constants
      message.input = [value("images", [0, input.channels, input.height, input.width])]
      message.output = outputs.map { value($0.name, $0.shape) }
    }
    model.metadataProps = metadata.map { entry in
      .with {
        $0.key = entry.key
        $0.value = entry.value
      }
    }
    return model
  }

  private func value(_ name: String, _ shape: [Int]) -> Onnx_ValueInfoProto {
    .with { value in
      value.name = name
      value.type.tensorType.elemType = ONNXGraph.ElementType.float.rawValue
      value.type.tensorType.shape.dim = shape.map { side in
        .with {
          if side > 0 {
            $0.dimValue = Int64(side)
          } else if options.hasOpenBatch {
            $0.dimParam = "N"
          } else {
            $0.dimValue = 1
          }
        }
      }
    }
  }
}
