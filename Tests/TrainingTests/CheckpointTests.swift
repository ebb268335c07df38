import Compute
import Foundation
import Geometry
import TestSupport
import Testing
import Training

@Suite struct CheckpointTests {
  static func tensors(_ seed: UInt64, kernels: Int = 3) throws -> [NamedTensor] {
    let shapes = [
      ("0.convolutional.biases", Shape(channels: kernels)),
      ("0.convolutional.weights", Shape(batch: 3, height: 3, width: 2, channels: kernels)),
    ]
    return try shapes.map { name, shape in
      NamedTensor(name, try Tensor(shape, values: randomValues(shape.count, seed: seed)))
    }
  }

  static func metadata() -> CheckpointMetadata {
    var metadata = CheckpointMetadata(
      toolVersion: "1.2.3", configuration: "[net]\nwidth=416 # \"quoted\"\n",
      classNames: ["dog", "potted plant", "Ünïcode/\\"], resizeMode: .stretch)
    metadata.iteration = 1234
    metadata.epoch = 5
    metadata.positionInEpoch = 17
    metadata.imagesSeen = 1234 * 64
    metadata.trainingImageCount = 991
    metadata.inputWidth = 352
    metadata.inputHeight = 320
    metadata.seed = .max
    metadata.averageUpdates = 1200
    _ = metadata.best.record(0.1 + 0.2, iteration: 1000)
    _ = metadata.best.record(0.2, iteration: 1100)
    return metadata
  }

  static func checkpoint(_ seed: UInt64, kernels: Int = 3) throws -> Checkpoint {
    Checkpoint(
      metadata: metadata(), model: try tensors(seed, kernels: kernels),
      momentum: try tensors(seed + 1, kernels: kernels),
      average: try tensors(seed + 2, kernels: kernels))
  }

  static func values(_ checkpoint: Checkpoint) -> [[Float]] {
    (checkpoint.model + checkpoint.momentum + checkpoint.average).map(\.tensor.values)
  }

  @Test func restoresEveryBit() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "last.safetensors").path
      let saved = try Self.checkpoint(1)
      try saved.save(to: path)
      var other = try Self.checkpoint(10)
      other.metadata = CheckpointMetadata(
        toolVersion: "", configuration: "", classNames: [], resizeMode: .letterbox)
      try other.restore(from: path)
      #expect(other.metadata == saved.metadata)
      #expect(Self.values(other) == Self.values(saved))
      #expect(try Checkpoint.metadata(of: path) == Self.metadata())
    }
  }

  @Test func equalRunsGiveEqualFiles() throws {
    try withTemporaryFolder { folder in
      let paths = ["a", "b"].map { folder.appending(path: $0).path }
      for path in paths { try Self.checkpoint(1).save(to: path) }
      #expect(FileManager.default.contentsEqual(atPath: paths[0], andPath: paths[1]))
    }
  }

  @Test func usesTheAveragesWhereThereAreSome() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "x").path
      var saved = try Self.checkpoint(1)
      try saved.save(to: path)
      let model = try Self.tensors(50)
      let metadata = try Checkpoint.restoreModel(model, from: path)
      #expect(metadata == saved.metadata)
      #expect(model.map(\.tensor.values) == saved.average.map(\.tensor.values))
      try Checkpoint.restoreModel(model, from: path, preferringAverage: false)
      #expect(model.map(\.tensor.values) == saved.model.map(\.tensor.values))

      saved.average = []
      try saved.save(to: path)
      for (tensor, other) in zip(model, try Self.tensors(60)) {
        tensor.tensor.update(from: other.tensor)
      }
      try Checkpoint.restoreModel(model, from: path)
      #expect(model.map(\.tensor.values) == saved.model.map(\.tensor.values))
    }
  }

  @Test func changesNothingUnlessEverythingFits() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "x").path
      var saved = try Self.checkpoint(1)
      // The first tensors fit; the momentum at the end does not.
      saved.momentum = try Self.tensors(2, kernels: 4)
      try saved.save(to: path)
      var other = try Self.checkpoint(10)
      let before = Self.values(other)
      #expect(
        throws: TrainingError.tensor(
          path: path, name: "momentum/0.convolutional.biases",
          reason: "is F32 [1, 1, 1, 4], the network needs F32 [1, 1, 1, 3]")
      ) { try other.restore(from: path) }
      #expect(Self.values(other) == before)
    }
  }

  @Test func namesMissingAndLeftOverTensors() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "x").path
      let whole = try Self.checkpoint(1)
      var less = whole
      less.model.removeLast()
      try less.save(to: path)
      var target = try Self.checkpoint(2)
      #expect(
        throws: TrainingError.tensor(
          path: path, name: "model/0.convolutional.weights",
          reason: "is missing; is this the checkpoint of another cfg?")
      ) { try target.restore(from: path) }
      try whole.save(to: path)
      var small = less
      #expect(
        throws: TrainingError.tensor(
          path: path, name: "model/0.convolutional.weights",
          reason: "has no place in the network; is this the checkpoint of another cfg?")
      ) { try small.restore(from: path) }
    }
  }

  @Test func refusesOtherMetadata() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "x").path
      let texts: [(String?, String)] = [
        (nil, "is not a checkpoint of a run"),
        ("{\"format\":99}", "has checkpoint format 99, this program reads 1"),
        ("{\"format\":1}", "its metadata lack"),
        ("nonsense", "its metadata cannot be read"),
      ]
      for (text, reason) in texts {
        try Safetensors.write([], metadata: text.map { ["detector": $0] } ?? [:], to: path)
        let error = #expect(throws: TrainingError.self) { try Checkpoint.metadata(of: path) }
        #expect(error?.description.contains("\(path): \(reason)") == true, "\(reason)")
      }
      try Self.checkpoint(1).save(to: path)
      let whole = try SafetensorsReader(path: path).metadata["detector"]
      let wrong = try #require(whole).replacing("\"epoch\":5", with: "\"epoch\":\"five\"")
      try Safetensors.write([], metadata: ["detector": wrong], to: path)
      #expect(throws: TrainingError.metadata(path: path, reason: "its metadata have a wrong epoch"))
      { try Checkpoint.metadata(of: path) }
    }
  }
}
