package import Compute
import Darknet
package import Foundation
package import Networks
package import Training

/// A model on its way into a Darknet weights file.
package struct WeightsExport {
  /// The network with its weights.
  package let network: Network
  /// Layers 0 ..< this have weights; the others, if any, were not in the file.
  package let layerCount: Int
  /// Images that training has seen, for the header.
  package let imagesSeen: UInt64
  /// Where the weights come from.
  package let origin: String

  /// The model of a run.
  ///
  /// - Throws: As `TrainedModel`.
  package init(run: RunFolder, backend: any Backend) throws {
    let model = try TrainedModel(run: run, backend: backend)
    network = model.network
    layerCount = network.nodes.count
    imagesSeen = model.imagesSeen
    origin = model.origin
  }

  /// The model of a weights file, which may end with one of the first layers.
  ///
  /// - Throws: ``DarknetError``, ``ComputeError``.
  package init(
    configuration: URL, weights: URL, lenient: Bool = false, backend: any Backend
  ) throws {
    let file = try ConfigurationFile(contentsOf: configuration, lenient: lenient)
    network = try Network(file, backend: backend)
    let report = try WeightsFile.read(weights, into: network.nodes, allowPartial: true)
    layerCount = report.layerCount
    imagesSeen = report.header.seen
    origin = weights.relativePath
  }

  /// Writes the weights file.
  ///
  /// - Parameters:
  ///   - url: The file, replaced if it exists.
  ///   - cutoff: Write layers 0 ..< cutoff only; nil: all that have weights.
  /// - Returns: One line that says what was written.
  /// - Throws: ``DarknetError`` if the system refuses, or if weights of a layer are missing.
  package func write(to url: URL, cutoff: Int? = nil) throws -> String {
    let count = cutoff ?? layerCount
    guard count <= network.nodes.count else {
      throw DarknetError.weights(
        file: url.relativePath,
        reason: "there is no layer \(count - 1): the network has \(network.nodes.count) layers")
    }
    guard count <= layerCount else {
      throw DarknetError.weights(
        file: url.relativePath,
        reason: "\(count) layers are wanted, \(origin) has the first \(layerCount)")
    }
    let header = WeightsHeader(seen: imagesSeen)
    try WeightsFile.write(network.nodes, to: url, header: header, cutoff: count)
    let bytes = WeightsFile.byteCount(of: network.nodes, header: header, cutoff: count)
    let layers =
      count == network.nodes.count
      ? "all \(count) layers" : "layers 0 to \(count - 1) of \(network.nodes.count)"
    return "\(url.relativePath): \(layers), \((bytes - header.byteCount) / 4) parameters, \(bytes) "
      + "bytes, \(imagesSeen) images seen; from \(origin)"
  }
}
