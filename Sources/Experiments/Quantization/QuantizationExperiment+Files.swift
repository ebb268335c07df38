import Compute
import Files
import Foundation
import Geometry
import Layers
import Networks
import Tasks
import Training

extension QuantizationExperiment {
  /// Writes `model.cfg`, `best.safetensors` and `quantization.json`, and the `config.json` of the run that
  /// the model comes from, which says what images it knows.
  func write(
    _ model: QuantizedModel, _ loaded: TrainedModel, _ choice: ModelChoice,
    _ classNames: [String], to path: String, _ outcome: inout QuantizationOutcome
  ) throws {
    let folder = try RunFolder.open(path, as: .new)
    var metadata: CheckpointMetadata
    if let run = choice.run {
      metadata = try Checkpoint.metadata(of: run.path(of: run.weights()))
      if let known = FileManager.default.contents(atPath: run.configuration) {
        try AtomicFile.write([UInt8](known), to: folder.configuration)
      }
    } else {
      metadata = CheckpointMetadata(
        toolVersion: version, configuration: loaded.network.text,
        classNames: classNames,
        resizeMode: choice.input(of: loaded).resizeMode)
      metadata.imagesSeen = Int(clamping: loaded.imagesSeen)
    }
    metadata.letterboxFill = choice.letterboxFill ?? loaded.letterboxFill
    if let resize = choice.resize { metadata.resizeMode = resize }
    let network = try loaded.network.quantized(model)
    try QuantizedCheckpoint.save(model, of: network, metadata: metadata, to: folder.best)
    try AtomicFile.write(loaded.network.text, to: folder.model)
    outcome.fileBytes =
      (try? FileManager.default.attributesOfItem(atPath: folder.best)[.size] as? Int) ?? 0
    outcome.weightBytes = 4 * loaded.network.parameters.reduce(0) { $0 + $1.parameter.values.count }
    try JSONFile.write(outcome, to: folder.file("quantization.json"))
  }
}
