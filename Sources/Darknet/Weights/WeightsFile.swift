import Foundation
import Layers
package import Networks

/// Darknet's `.weights` files: a header, then the floats of every layer in cfg order.
package enum WeightsFile {
  /// What a file gave.
  package struct Report: Sendable, Equatable {
    /// The file's header.
    package let header: WeightsHeader
    /// Layers 0 ..< this have their weights; the number of layers if all have.
    package let layerCount: Int
    /// How many layers with weights were filled.
    package let weightedLayersLoaded: Int
    /// How many layers with weights the network has.
    package let weightedLayers: Int
    /// Layers that are left out by `dontload=1`.
    package var skippedLayers: [Int] = []
    /// The number of classes that the file was made for, where the network has another.
    package var otherClassCount: Int?

    /// Whether the file had all layers but those that it should not have.
    package var isComplete: Bool { weightedLayersLoaded == weightedLayers }
  }

  /// The bytes of a file with all layers, or with layers 0 ..< cutoff.
  package static func byteCount(
    of nodes: [LayerNode], header: WeightsHeader = WeightsHeader(), cutoff: Int? = nil
  ) -> Int {
    nodes.prefix(cutoff ?? nodes.count).reduce(header.byteCount) {
      $0 + 4 * $1.storedParameterCount
    }
  }

  static func error(_ url: URL, _ reason: String) -> DarknetError {
    .weights(file: url.relativePath, reason: reason)
  }

  /// For example `layer 12 ([convolutional], line 98 of the cfg)`.
  static func name(_ index: Int, _ node: LayerNode) -> String {
    "layer \(index) ([\(node.layer.kind)], line \(node.line) of the cfg)"
  }
}
