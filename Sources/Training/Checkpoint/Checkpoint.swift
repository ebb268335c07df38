package import Compute

/// A tensor with its name within a checkpoint, for example `12.convolutional.weights`.
package struct NamedTensor {
  /// The name, unique within its group.
  package let name: String
  /// The tensor; a handle, not a copy.
  package let tensor: Tensor

  /// A named tensor.
  package init(_ name: String, _ tensor: Tensor) {
    self.name = name
    self.tensor = tensor
  }
}

/// A run at one moment: enough to continue it bit by bit, or to use its model.
///
/// In the file, names carry their group: `model/12.convolutional.weights`. All tensors are float32
/// with four axes, as ``Shape`` has them: weights [R, S, C / groups, K], the others [1, 1, 1, K].
package struct Checkpoint {
  /// Everything besides the tensors.
  package var metadata: CheckpointMetadata
  /// Learned values and statistics.
  package var model: [NamedTensor]
  /// Momentum of the learned values; empty if the file is only meant for use, or the optimiser has none.
  package var momentum: [NamedTensor]
  /// Mean squares of the gradients of the learned values; empty likewise.
  package var squares: [NamedTensor]
  /// Moving averages of the model; empty if the run keeps none.
  package var average: [NamedTensor]

  /// A run at this moment; the tensors are read when it is saved and written when it is restored.
  package init(
    metadata: CheckpointMetadata, model: [NamedTensor], momentum: [NamedTensor] = [],
    squares: [NamedTensor] = [], average: [NamedTensor] = []
  ) {
    self.metadata = metadata
    self.model = model
    self.momentum = momentum
    self.squares = squares
    self.average = average
  }

  enum Group: String {
    case model
    case momentum
    case squares
    case average

    func path(_ name: String) -> String { "\(rawValue)/\(name)" }
  }

  private var groups: [(Group, [NamedTensor])] {
    [(.model, model), (.momentum, momentum), (.squares, squares), (.average, average)]
  }

  /// All tensors, group by group.
  var tensors: [Tensor] { groups.flatMap { $0.1.map(\.tensor) } }

  /// Writes the run to a file in one step; see ``AtomicFile``.
  ///
  /// - Throws: ``FileError``; the old file is intact then.
  package func save(to path: String) throws {
    let arrays = groups.flatMap { group, tensors in
      tensors.map { Safetensors.Array(group.path($0.name), $0.tensor) }
    }
    try Safetensors.write(arrays, metadata: metadata.strings(), to: path)
  }

  /// Reads the metadata alone.
  ///
  /// - Throws: ``TrainingError`` naming the file and what is wrong with it.
  package static func metadata(of path: String) throws -> CheckpointMetadata {
    let reader = try SafetensorsReader(path: path)
    return try CheckpointMetadata(strings: reader.metadata, path: path)
  }

  /// Overwrites the tensors and the metadata by those of a file, to continue its run.
  ///
  /// Every group that is not empty must agree with the file in names and shapes. Nothing is
  /// overwritten unless all do.
  ///
  /// - Throws: ``TrainingError`` naming the file, the tensor and what is wrong with it.
  package mutating func restore(from path: String) throws {
    let reader = try SafetensorsReader(path: path)
    let metadata = try CheckpointMetadata(strings: reader.metadata, path: path)
    try QuantizedCheckpoint.refuse(metadata, path)
    for (group, tensors) in groups where !tensors.isEmpty {
      try Checkpoint.check(tensors, group, in: reader)
    }
    for (group, tensors) in groups {
      for tensor in tensors { try reader.read(group.path(tensor.name), into: tensor.tensor) }
    }
    self.metadata = metadata
  }

  /// Overwrites a model by that of a file, to use it: by the moving averages if the file has them.
  ///
  /// - Parameters:
  ///   - model: Learned values and statistics of the network.
  ///   - path: A checkpoint.
  ///   - preferringAverage: False takes the values of the last update in any case.
  /// - Returns: The metadata of the file.
  /// - Throws: ``TrainingError`` naming the file, the tensor and what is wrong with it.
  @discardableResult
  package static func restoreModel(
    _ model: [NamedTensor], from path: String, preferringAverage: Bool = true
  ) throws -> CheckpointMetadata {
    let reader = try SafetensorsReader(path: path)
    let metadata = try CheckpointMetadata(strings: reader.metadata, path: path)
    let group = preferringAverage && hasAverage(reader) ? Group.average : .model
    try check(model, group, in: reader)
    for tensor in model { try reader.read(group.path(tensor.name), into: tensor.tensor) }
    return metadata
  }

  /// Whether a file holds moving averages.
  static func hasAverage(_ reader: borrowing SafetensorsReader) -> Bool {
    reader.entries.contains { $0.name.hasPrefix(Group.average.path("")) }
  }

  private static func check(
    _ tensors: [NamedTensor], _ group: Group, in reader: borrowing SafetensorsReader
  ) throws {
    let path = reader.path
    for tensor in tensors {
      let name = group.path(tensor.name)
      let shape = tensor.tensor.shape
      let expected = [shape.batch, shape.height, shape.width, shape.channels]
      guard let entry = reader.entry(name) else {
        throw TrainingError.tensor(
          path: path, name: name, reason: "is missing; is this the checkpoint of another cfg?")
      }
      guard entry.type == .float32, entry.shape == expected else {
        throw TrainingError.tensor(
          path: path, name: name,
          reason: "is \(entry.type.rawValue) \(entry.shape), the network needs F32 \(expected)")
      }
    }
    let known = Set(tensors.map { group.path($0.name) })
    if let extra = reader.entries.first(where: {
      $0.name.hasPrefix(group.path("")) && !known.contains($0.name)
    }) {
      throw TrainingError.tensor(
        path: path, name: extra.name,
        reason: "has no place in the network; is this the checkpoint of another cfg?")
    }
  }
}
