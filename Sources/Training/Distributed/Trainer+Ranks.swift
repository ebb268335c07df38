package import Compute
import Datasets
import Foundation
import Images
import Networks
import Tasks

extension Trainer {
  /// Trains together with others from here on, each with a share of every batch.
  ///
  /// All have a trainer of the same cfg, options and data. Weights and all else that was learned come
  /// from rank 0: the others need no run folder.
  ///
  /// - Parameter group: The ranks.
  /// - Throws: ``TrainingError/options(reason:)`` if a batch has not an image for each;
  ///   `RankFailure` naming one that sees other data.
  package func join(_ group: any ProcessGroup) throws {
    guard group.count > 1 else { return }
    try options.check(ranks: group.count)
    try group.check(
      dataDigest,
      "sees other images or annotations than rank 0 on \(group.hosts[0]); give all hosts the same data "
        + "under the same path")
    self.group = group
    if options.synchronizesNorm == true { network.backend.normalizationGroup = group }
    shared = try group.together {
      try SharedTensors(
        network.parameters, ranks: group.count, withStatistics: options.synchronizesNorm != true)
    }
    let told = try group.gathering {
      group.isFirst ? Array(try JSONEncoder().encode(metadata)) : []
    }
    metadata = try JSONDecoder().decode(CheckpointMetadata.self, from: Data(told[0]))
    metadata.ranks = group.count
    best = metadata.best
    iteration = metadata.iteration
    for tensor in checkpoint().tensors {
      tensor.withMutableHostValues { group.broadcast(UnsafeMutableRawBufferPointer($0)) }
    }
    average?.restore(updates: metadata.averageUpdates ?? 0)
    network.parametersDidChange()
  }

  /// What tells samples from others: names, sizes of the pictures' files, targets.
  private var dataDigest: UInt64 {
    var digest = ContentDigest()
    for sample in data.training + data.validation {
      digest.add(sample.id)
      digest.add(sample.target)
      if let file = sample.image.file {
        let size = (try? FileManager.default.attributesOfItem(atPath: file.path))?[.size]
        digest.add((size as? NSNumber)?.intValue ?? -1)
      }
    }
    for name in data.classNames { digest.add(name) }
    return digest.value
  }

  /// The places of a batch that this rank learns from; nil: all.
  func share(of batch: Int) -> Range<Int>? {
    guard group.count > 1 else { return nil }
    return batch * group.rank / group.count..<batch * (group.rank + 1) / group.count
  }

  /// The noise of an update: every rank has its own, and rank 0 that of a single process.
  func noise(of iteration: Int) -> RandomStream {
    let random = RandomStream(seed: options.seed).split(2, UInt64(iteration))
    return group.isFirst ? random : random.split(1 << 33, UInt64(group.rank))
  }

  /// Lets every rank learn from its share, and adds up losses and gradients.
  ///
  /// - Throws: What `learn` throws on any rank.
  func addingUp(
    _ step: inout TrainingStep, learn: (inout TrainingStep) throws -> Void
  ) throws {
    guard let shared else { return try learn(&step) }
    let told = try group.gathering {
      try learn(&step)
      var message = Message(step.loss.outputs)
      step.isInterrupted.write(to: &message)
      return message.bytes
    }
    step.loss = noLoss
    step.isInterrupted = false
    for bytes in told {
      var message = MessageReader(bytes)
      step.loss += LossValue(parts: noLoss.parts, outputs: [[Double]](from: &message))
      step.isInterrupted = Bool(from: &message) || step.isInterrupted
    }
    shared.exchange(group)
  }

  /// What the weights say about the validation images, each rank looking at some of them.
  ///
  /// The images go to the ranks in whole batches, so that every one is computed as a single process
  /// does it.
  func judgedByRanks(
    _ predictor: Predictor<Task>, progress: (Int) throws -> Void
  ) throws -> Task.Judged {
    let (samples, batch) = (data.validation, 8)
    guard group.count > 1 else {
      return try predictor.judged(samples, batchSize: batch, progress: progress)
    }
    let batches = (samples.count + batch - 1) / batch
    let own = share(of: batches) ?? 0..<batches
    let range = own.lowerBound * batch..<min(samples.count, own.upperBound * batch)
    let told = try group.gathering {
      guard !range.isEmpty else { return [] }
      let judged = try predictor.judged(
        Array(samples[range]), batchSize: batch, progress: progress)
      var message = Message(judged.indices.map { $0 + range.lowerBound })
      judged.images.map(\.prediction).write(to: &message)
      judged.leftOut.write(to: &message)
      judged.notes.write(to: &message)
      return message.bytes
    }
    var images: [JudgedImage<Task.Target, Task.Prediction>] = []
    var (indices, leftOut, notes) = ([Int](), [DataProblem](), [DataProblem]())
    for bytes in told where !bytes.isEmpty {
      var message = MessageReader(bytes)
      let places = [Int](from: &message)
      images += zip(places, [Task.Prediction](from: &message)).map {
        JudgedImage(
          id: samples[$0].id, picture: samples[$0].image.path, target: samples[$0].target,
          prediction: $1)
      }
      indices += places
      leftOut += [DataProblem](from: &message)
      notes += [DataProblem](from: &message)
    }
    return JudgedSamples(images: images, indices: indices, leftOut: leftOut, notes: notes)
  }

  /// Makes sure that all ranks have computed the same weights: other processors may round otherwise.
  ///
  /// - Throws: `RankFailure` naming one that has not.
  func checkRanksAgree() throws {
    guard group.count > 1 else { return }
    var digest = ContentDigest()
    for tensor in checkpoint().tensors { digest.add(tensor) }
    try group.check(
      digest.value,
      "its weights are not those of rank 0 on \(group.hosts[0]) any more; use hosts with the same kind of "
        + "processor")
  }
}

extension TrainingOptions {
  /// Makes sure that every rank has an image of every part of a batch.
  ///
  /// - Throws: ``TrainingError/options(reason:)``.
  package func check(ranks: Int) throws {
    guard batch / subdivisions < ranks else { return }
    throw TrainingError.options(
      reason:
        "a batch of \(batch) in \(subdivisions) part\(subdivisions == 1 ? "" : "s") has not an image for each "
        + "of \(ranks) ranks; give a larger --batch, fewer --subdivisions or fewer ranks")
  }
}
