import Layers
import Networks

extension Benchmark {
  /// What was measured, in numbers.
  package struct Result: Sendable, Encodable {
    /// `inference` or `training`.
    package var mode = ""
    /// Input width, pixels.
    package var size = 0
    /// Images of a pass.
    package var batch = 0
    /// Threads that computed.
    package var threads = 0
    /// Measured passes.
    package var runs = 0
    /// The median of the passes, milliseconds.
    package var medianMs = 0.0
    /// The fastest pass, milliseconds.
    package var minMs = 0.0
    /// What 95 and 99 % of the passes do not exceed, milliseconds.
    package var p95Ms = 0.0
    package var p99Ms = 0.0
    /// Images in a second at the median.
    package var imagesPerSecond = 0.0
    /// The batch of the most images in a second, of those that were tried; nil if none was.
    package var bestBatch: Int?
    /// Its images in a second.
    package var bestImagesPerSecond: Double?
    /// From the files to the end of the first pass, milliseconds.
    package var loadMs = 0.0
    /// What is computed in 8-bit numbers.
    package var integers = Integers()
    /// 10⁹ operations of a pass, counted as direct convolutions: two per multiply-add; training
    /// three times forward.
    package var gflop = 0.0
    /// 10⁹ operations in a second at the median.
    package var gflops = 0.0
    /// The largest resident memory of the process so far, MiB.
    package var peakRssMiB = 0.0
    /// Activations, what backward needs and their gradients, as planned, MiB.
    package var planMiB = 0.0
    /// The loss of an image in the last training step, mean over the batch; nil in inference.
    package var loss: Double?
    /// The median of the loss, milliseconds; nil in inference.
    package var lossMs: Double?
    /// The median of the weights' update, milliseconds; nil in inference.
    package var updateMs: Double?
    /// Time by layer, if it was asked for.
    package var layers: [LayerTime]?
    /// The same by kind of layer, the longest first.
    package var classes: [ClassTime]?
    /// The version of the program.
    package var version = ""
  }

  /// The part of a network that is computed in 8-bit numbers.
  package struct Integers: Sendable, Encodable {
    /// Convolutions, and those in 8-bit numbers.
    package var convolutions = 0
    package var quantized = 0
    /// Their share of the convolutions' operations, 0...1.
    package var operationShare = 0.0

    /// Of no network.
    init() {}

    /// Counts layers.
    init(_ network: Network) throws {
      var (own, all) = (0.0, 0.0)
      for node in network.nodes {
        let isQuantized = node.layer is QuantizedConvolution
        guard isQuantized || node.layer is Convolution else { continue }
        let operations = try node.layer.floatingPointOperations(for: node.inputShapes)
        convolutions += 1
        quantized += isQuantized ? 1 : 0
        all += operations
        own += isQuantized ? operations : 0
      }
      operationShare = all > 0 ? own / all : 0
    }
  }

  /// The time of one layer.
  package struct LayerTime: Sendable, Encodable {
    /// Position among the layers.
    package let index: Int
    /// The section's name.
    package let layer: String
    /// Kernel and stride of a convolution, for example `3x3/2` or `3x3/1 depthwise`; empty for others.
    package let form: String
    /// The median of the forward pass, milliseconds.
    package let forwardMs: Double
    /// The median of the backward pass, milliseconds; 0 in inference.
    package let backwardMs: Double
    /// 10⁹ operations, counted as for the whole.
    package let gflop: Double
    /// 10⁹ operations in a second.
    package let gflops: Double
  }

  /// The time of all layers of one section and form.
  package struct ClassTime: Sendable, Encodable {
    /// Section and form.
    package let name: String
    /// Layers.
    package let count: Int
    /// The sum of the layers' forward medians, milliseconds.
    package let forwardMs: Double
    /// The sum of their backward medians, milliseconds.
    package let backwardMs: Double
    /// 10⁹ operations.
    package let gflop: Double
    /// 10⁹ operations in a second.
    package let gflops: Double

    /// Groups layers, the class of the longest time first.
    static func all(_ layers: [LayerTime]) -> [ClassTime] {
      let groups = Dictionary(grouping: layers) { layer in
        layer.form.isEmpty ? layer.layer : "\(layer.layer) \(layer.form)"
      }
      return groups.map { name, layers in
        let forward = layers.reduce(0) { $0 + $1.forwardMs }
        let backward = layers.reduce(0) { $0 + $1.backwardMs }
        let gflop = layers.reduce(0) { $0 + $1.gflop }
        return ClassTime(
          name: name, count: layers.count, forwardMs: forward, backwardMs: backward, gflop: gflop,
          gflops: gflop / max(1e-6, forward + backward) * 1e3)
      }.sorted { ($0.forwardMs + $0.backwardMs, $1.name) > ($1.forwardMs + $1.backwardMs, $0.name) }
    }
  }
}
