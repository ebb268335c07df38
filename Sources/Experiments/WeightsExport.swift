package import Compute
import Darknet
import Files
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
  /// Names of the class indices, nil if nothing names them.
  package let classNames: [String]?

  /// The model of a run.
  ///
  /// - Throws: As `TrainedModel`.
  package init(run: RunFolder, backend: any Backend) throws {
    let model = try TrainedModel(run: run, backend: backend)
    guard model.network.quantization == nil else {
      throw FileError(
        path: run.path,
        reason:
          "holds a quantised model, which Darknet's format has no place for; convert the model that"
          + " it was made of")
    }
    network = model.network
    layerCount = network.nodes.count
    imagesSeen = model.imagesSeen
    origin = model.origin
    classNames = model.classNames
  }

  /// The model of a weights file, which may end with one of the first layers.
  ///
  /// - Throws: ``DarknetError``, ``ComputeError``; `FileError` for weights of another class count.
  package init(
    configuration: URL, weights: URL, lenient: Bool = false, backend: any Backend
  ) throws {
    let file = try ConfigurationFile(contentsOf: configuration, lenient: lenient)
    network = try Network(file, backend: backend)
    let report = try WeightsFile.read(
      weights, into: network.nodes, outputs: network.outputs, allowPartial: true)
    if let count = report.otherClassCount {
      throw FileError(
        path: weights.relativePath,
        reason: "holds weights for \(count) classes, \(file.fileName) is for another number;"
          + " take the cfg that belongs to it")
    }
    layerCount = min(report.layerCount, report.skippedLayers.first ?? report.layerCount)
    imagesSeen = report.header.seen
    origin = weights.relativePath
    classNames = nil
  }

  /// Writes the class names beside a weights file, where Darknet and this program look for them.
  ///
  /// A file of other names stays as it is.
  ///
  /// - Returns: A line that says what was done, nil if there are no names.
  /// - Throws: `FileError`.
  package func writeNames(beside weights: URL) throws -> String? {
    guard let classNames, !AtomicFile.isStream(weights.path) else { return nil }
    let url = weights.deletingPathExtension().appendingPathExtension("names")
    let text = classNames.joined(separator: "\n") + "\n"
    if let old = FileManager.default.contents(atPath: url.path), old != Data(text.utf8) {
      return "note: \(url.relativePath) holds other names than the run's and stays as it is"
    }
    try AtomicFile.write(text, to: url.path)
    return "\(url.relativePath): \(classNames.count) class names"
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
