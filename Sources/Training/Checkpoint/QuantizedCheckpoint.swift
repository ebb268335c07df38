import Compute
import Layers
package import Networks

/// A quantised model in a file: what ``Checkpoint`` writes for the layers that are as they were, and of
/// each quantised convolution `quantized/LAYER.weights` (I8, [R, S, C / groups, K]), `.scales` and
/// `.biases` (F32, [K]).
package enum QuantizedCheckpoint {
  private static let group = "quantized/"

  /// Writes a model in one step; see `AtomicFile`.
  ///
  /// - Parameters:
  ///   - model: The quantised part.
  ///   - network: The network with the quantised layers in their places.
  ///   - metadata: Of the run that the model was made of.
  ///   - path: The file to make or replace.
  /// - Throws: `FileError`; the old file is intact then.
  package static func save(
    _ model: QuantizedModel, of network: Network, metadata: CheckpointMetadata, to path: String
  ) throws {
    var metadata = metadata
    metadata.quantization = model.quantization
    metadata.averageUpdates = nil
    let plain = network.parameters.map {
      Safetensors.Array(Checkpoint.Group.model.path($0.name), $0.parameter.values)
    }
    let quantized = model.weights.sorted { $0.key < $1.key }.flatMap { layer, weights in
      let s = weights.shape
      return [
        Safetensors.Array(
          "\(group)\(layer).weights", shape: [s.batch, s.height, s.width, s.channels],
          .signedBytes(weights.values)),
        Safetensors.Array("\(group)\(layer).scales", shape: [s.channels], .floats(weights.scales)),
        Safetensors.Array("\(group)\(layer).biases", shape: [s.channels], .floats(weights.biases)),
      ]
    }
    try Safetensors.write(plain + quantized, metadata: try metadata.strings(), to: path)
  }

  /// Reads the quantised part of a file; nil if its model is not quantised.
  ///
  /// - Throws: ``TrainingError`` naming the file, the tensor and what is wrong with it.
  static func read(_ path: String, layers: Int) throws -> QuantizedModel? {
    let reader = try SafetensorsReader(path: path)
    let metadata = try CheckpointMetadata(strings: reader.metadata, path: path)
    guard let quantization = metadata.quantization else { return nil }
    guard quantization.outputs.count == layers, quantization.isUsable else {
      throw TrainingError.metadata(path: path, reason: "its quantisation is not that of its cfg")
    }
    var weights: [Int: QuantizedWeights] = [:]
    for entry in reader.entries where entry.name.hasPrefix(group) {
      let name = entry.name.dropFirst(group.count)
      guard name.hasSuffix(".weights"), let layer = Int(name.dropLast(".weights".count)) else {
        continue
      }
      weights[layer] = try Self.weights(layer, in: reader)
    }
    return QuantizedModel(quantization: quantization, weights: weights)
  }

  private static func weights(
    _ layer: Int, in reader: borrowing SafetensorsReader
  ) throws -> QuantizedWeights {
    let name = "\(group)\(layer)"
    func wrong(_ what: String, _ reason: String) -> TrainingError {
      .tensor(path: reader.path, name: "\(name).\(what)", reason: reason)
    }
    let (shape, values) = try reader.signedBytes("\(name).weights")
    guard shape.count == 4, shape.allSatisfy({ $0 > 0 }) else {
      throw wrong("weights", "has the shape \(shape), expected four axes")
    }
    guard !values.contains(.min) else { throw wrong("weights", "has -128; -127 is the least") }
    let scales = try reader.floats("\(name).scales")
    let biases = try reader.floats("\(name).biases")
    guard scales.count == shape[3], biases.count == shape[3] else {
      throw wrong("scales", "or the biases are not \(shape[3]), one for each filter")
    }
    guard scales.allSatisfy({ $0.isFinite && $0 > 0 }), biases.allSatisfy(\.isFinite) else {
      throw wrong("scales", "or the biases hold what is no scale or not finite")
    }
    return QuantizedWeights(
      shape: Shape(batch: shape[0], height: shape[1], width: shape[2], channels: shape[3]),
      values: values, scales: scales, biases: biases)
  }

  /// Refuses a file that cannot be trained or converted.
  ///
  /// - Throws: ``TrainingError``.
  static func refuse(_ metadata: CheckpointMetadata, _ path: String) throws {
    guard metadata.quantization == nil else {
      throw TrainingError.metadata(
        path: path, reason: "holds a quantised model, which can be used and not trained")
    }
  }
}
