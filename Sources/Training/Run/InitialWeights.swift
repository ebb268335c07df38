import Darknet
import Files
import Foundation
import Networks

/// What a training starts from: a run, one of its checkpoints, or Darknet weights.
struct InitialWeights {
  /// Layers 0 ..< this have their weights.
  let layerCount: Int
  /// Of those, the ones that the cfg says not to load.
  let skippedLayers: [Int]
  /// One line: which weights were taken.
  let text: String

  /// Fills the first layers of a network, up to one that the file has not or has otherwise.
  ///
  /// - Throws: ``DarknetError``, ``TrainingError``, ``FileError`` naming what cannot be used.
  static func load(_ path: String, into network: Network) throws -> InitialWeights {
    if Folder.exists(path) {
      let run = RunFolder(path: path)
      return try load(checkpoint: run.path(of: run.weights()), into: network)
    }
    if try isSafetensors(path) { return try load(checkpoint: path, into: network) }
    let report = try WeightsFile.read(
      URL(filePath: path), into: network.nodes, outputs: network.outputs, allowPartial: true)
    network.storedParametersWereLoaded()
    return InitialWeights(
      path, report.otherClassCount.map { "for \($0) classes; " } ?? "", report.layerCount,
      isComplete: report.isComplete, skipping: report.skippedLayers, network)
  }

  private static func load(checkpoint path: String, into network: Network) throws -> Self {
    let report = try Checkpoint.restoreFirstLayers(of: network, from: path)
    let classes = report.metadata.classNames.count
    let isOther = !network.outputs.classCounts.allSatisfy { $0 == classes }
    return InitialWeights(
      path,
      "iteration \(report.metadata.iteration)\(report.isAveraged ? ", averages" : "")"
        + (isOther ? ", for \(classes) classes; " : "; "),
      report.layerCount, isComplete: report.isComplete, network)
  }

  private init(
    _ path: String, _ kind: String, _ layerCount: Int, isComplete: Bool, skipping: [Int] = [],
    _ network: Network
  ) {
    self.layerCount = layerCount
    skippedLayers = skipping
    text =
      "\(path): \(kind)weights of the first \(layerCount) of \(network.nodes.count) layers"
      + (isComplete ? "" : "; the others start at random")
  }

  /// Whether a file begins as a safetensors file: a length, then JSON.
  private static func isSafetensors(_ path: String) throws -> Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? file.close() }
    return try file.read(upToCount: 9)?.dropFirst(8).first == UInt8(ascii: "{")
  }
}
