import Compute
package import Darknet
import Foundation
package import Geometry
package import Networks

/// Everything of a run besides its tensors that is needed to continue it bit by bit or to use it.
package struct CheckpointMetadata: Codable, Equatable, Sendable {
  /// Raised when the meaning of a field changes.
  package static let currentFormat = 1

  /// The format of the file; ``currentFormat`` for new ones.
  package private(set) var format = CheckpointMetadata.currentFormat
  /// The version of the program that wrote it.
  package var toolVersion: String
  /// The Darknet cfg of the network.
  package var configuration: String
  /// Names of the classes, by class index.
  package var classNames: [String]
  /// How images are brought to the input size.
  package var resizeMode: ResizeMode
  /// What a letterbox is filled with, 0...1; nil: zeros.
  package var letterboxFill: Float?

  /// Updates done.
  package var iteration = 0
  /// Passes over the training images completed.
  package var epoch = 0
  /// Images of the present pass that are done.
  package var positionInEpoch = 0
  /// Images learned from since the start; Darknet's `seen`.
  package var imagesSeen = 0
  /// Training images of the run, to notice that the data set has changed.
  package var trainingImageCount = 0
  /// The input width that multi-scale training uses at present, pixels.
  package var inputWidth = 0
  /// The input height that multi-scale training uses at present, pixels.
  package var inputHeight = 0

  /// What all randomness of the run comes from.
  package var seed: UInt64 = 0
  /// How gradients change parameters, ``iteration`` times so far; nil: SGD.
  package var optimizer: OptimizerRule.Name?
  /// Updates that the moving averages have seen; nil if the run keeps none.
  package var averageUpdates: Int?
  /// Processes that trained it together last; nil: one.
  package var ranks: Int?
  /// The best validation result and how long ago it was.
  package var best = BestEvaluation()
  /// What the tensors of a quantised model are as bytes, which can be used and not trained; nil: the model
  /// is as it was trained.
  package var quantization: NetworkQuantization?

  /// The metadata of a run that has not begun.
  package init(
    toolVersion: String, configuration: String, classNames: [String], resizeMode: ResizeMode
  ) {
    self.toolVersion = toolVersion
    self.configuration = configuration
    self.classNames = classNames
    self.resizeMode = resizeMode
  }
}

extension CheckpointMetadata {
  private static let key = "detector"

  /// The strings for the header of a safetensors file; equal metadata give equal strings.
  func strings() throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [CheckpointMetadata.key: String(decoding: try encoder.encode(self), as: UTF8.self)]
  }

  /// Reads the strings of a header; the path is named in errors.
  init(strings: [String: String], path: String) throws {
    struct Version: Decodable { let format: Int }
    guard let text = strings[CheckpointMetadata.key] else {
      throw TrainingError.metadata(path: path, reason: "is not a checkpoint of a run")
    }
    let json = Data(text.utf8)
    let decoder = JSONDecoder()
    if let format = (try? decoder.decode(Version.self, from: json))?.format,
      format != CheckpointMetadata.currentFormat
    {
      throw TrainingError.metadata(
        path: path,
        reason: "has checkpoint format \(format), this program reads "
          + "\(CheckpointMetadata.currentFormat)")
    }
    do {
      self = try decoder.decode(CheckpointMetadata.self, from: json)
    } catch DecodingError.keyNotFound(let key, _) {
      throw TrainingError.metadata(path: path, reason: "its metadata lack \(key.stringValue)")
    } catch DecodingError.typeMismatch(_, let context) {
      let place = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw TrainingError.metadata(path: path, reason: "its metadata have a wrong \(place)")
    } catch {
      throw TrainingError.metadata(path: path, reason: "its metadata cannot be read")
    }
  }
}
