package import Compute
import Darknet
import Detection
import Files
package import Foundation
package import Geometry
import Layers
package import Networks
import Tasks

/// A network with weights, class names and the way images are brought to it.
package struct TrainedModel {
  /// The network.
  package let network: Network
  /// Names of the class indices; nil if nothing names them.
  package let classNames: [String]?
  /// How images are resized, if the model says so.
  package let resizeMode: ResizeMode?
  /// What a letterbox is filled with, 0...1: of published weights what Darknet trained them with.
  package let letterboxFill: Float
  /// Whether the network can say how uncertain it is: its Bayesian layers have weights.
  package let knowsUncertainty: Bool
  /// Whether the network can say how well what it finds is placed: its branches for that have weights.
  package let knowsPlace: Bool
  /// One line that says where the weights come from.
  package let origin: String
  /// The checkpoint of a quantised model, nil of any other.
  private let quantizedFile: String?
  /// Images that training has seen, as the weights file or the checkpoint says.
  package let imagesSeen: UInt64

  /// A model from Darknet files.
  ///
  /// Class names come from `names`, or from a `.names` file beside the cfg: one of the cfg's name, or
  /// the only one in the folder.
  ///
  /// - Parameters:
  ///   - configuration: The cfg.
  ///   - weights: The `.weights` file, which must be complete.
  ///   - names: A file with one class name a line.
  ///   - backend: Does the work.
  ///   - lenient: Warn about unknown keys instead of refusing them.
  ///   - relativeVariance: λ ≥ 0 makes the weights of the file uncertain where
  ///     `BranchPlan.replacing(relativeVariance:)` does; nil leaves them as they are.
  /// - Throws: ``DarknetError``, ``TrainingError``, ``ComputeError``.
  package init(
    configuration: URL, weights: URL, names: URL? = nil, backend: any Backend,
    lenient: Bool = false, relativeVariance: Float? = nil
  ) throws {
    var file = try ConfigurationFile(contentsOf: configuration, lenient: lenient)
    if let relativeVariance {
      file = try file.removingBranches().adding(.replacing(relativeVariance: relativeVariance))
    }
    network = try Network(file, backend: backend)
    let report = try WeightsFile.read(weights, into: network.nodes, outputs: network.outputs)
    network.storedParametersWereLoaded()
    quantizedFile = nil
    knowsUncertainty = network.weightsFilesHoldBranches
    knowsPlace = false
    classNames = try TrainedModel.classNames(
      names ?? TrainedModel.namesFile(beside: configuration), for: network,
      isRequired: names != nil)
    resizeMode = try NetConfiguration(file).resizeMode
    letterboxFill = 0.5
    imagesSeen = report.header.seen
    origin =
      "\(weights.lastPathComponent) (version \(report.header.major).\(report.header.minor), "
      + "\(report.header.seen) images seen)"
  }

  /// The model of a run.
  ///
  /// - Parameters:
  ///   - run: The folder.
  ///   - weights: Which checkpoint; nil: the best one, or the last if none was evaluated.
  ///   - backend: Does the work.
  /// - Throws: ``DarknetError``, ``TrainingError``, ``ComputeError``, ``FileError``.
  package init(run: RunFolder, weights: RunWeights? = nil, backend: any Backend) throws {
    let path = run.path(of: try run.weights(weights))
    let metadata = try Checkpoint.metadata(of: path)
    let file = try ConfigurationFile(
      text: metadata.configuration, fileName: run.model, lenient: true)
    let plain = try Network(file, backend: backend)
    let quantized = try QuantizedCheckpoint.read(path, layers: plain.nodes.count)
    network = try quantized.map { try plain.quantized($0) } ?? plain
    quantizedFile = quantized == nil ? nil : path
    try Checkpoint.restoreModel(
      network.parameters.map { NamedTensor($0.name, $0.parameter.values) }, from: path)
    network.parametersDidChange()
    knowsUncertainty = network.isBayesian
    knowsPlace = network.knowsPlace
    classNames = metadata.classNames
    resizeMode = metadata.resizeMode
    letterboxFill = metadata.letterboxFill ?? 0
    imagesSeen = UInt64(metadata.imagesSeen)
    origin =
      "\(path) (iteration \(metadata.iteration)"
      + (quantized.map { ", \($0.weights.count) convolutions in int8" } ?? "") + ")"
  }

  /// The whole numbers of a quantised model's convolutions, by layer, read again; none of any other.
  ///
  /// - Throws: ``TrainingError``, ``FileError``.
  package func quantizedWeights() throws -> [Int: QuantizedWeights] {
    guard let quantizedFile else { return [:] }
    return try QuantizedCheckpoint.read(quantizedFile, layers: network.nodes.count)?.weights ?? [:]
  }

  /// One class name a line; blank lines at the end do not count.
  ///
  /// - Throws: ``FileError``.
  package static func readNames(_ url: URL) throws -> [String] {
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      throw FileError(path: url.relativePath, reason: "cannot be read as class names")
    }
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    while lines.last?.isEmpty == true { lines.removeLast() }
    if let blank = lines.firstIndex(of: "") {
      throw FileError(
        path: "\(url.relativePath):\(blank + 1)", reason: "is empty, where a class name should be")
    }
    for (index, name) in lines.enumerated() {
      if let first = lines.firstIndex(of: name), first < index {
        throw FileError(
          path: "\(url.relativePath):\(index + 1)",
          reason: "'\(name)' is the class of line \(first + 1) already; name every class once")
      }
    }
    return lines
  }

  private static func classNames(
    _ url: URL?, for network: Network, isRequired: Bool
  ) throws -> [String]? {
    guard let url, let task = try? TaskChoice.task(of: network) else { return nil }
    let names = try readNames(url)
    if names.count == task.classCount { return names }
    guard isRequired else { return nil }
    throw FileError(
      path: url.relativePath,
      reason: "has \(names.count) names, \(network.name) has \(task.classCount) classes")
  }

  private static func namesFile(beside configuration: URL) -> URL? {
    let own = configuration.deletingPathExtension().appendingPathExtension("names")
    if FileManager.default.fileExists(atPath: own.path) { return own }
    let folder = configuration.deletingLastPathComponent()
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let names = files.filter { $0.hasSuffix(".names") }
    return names.count == 1 ? folder.appending(path: names[0]) : nil
  }
}
