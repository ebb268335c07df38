package import Compute
import Foundation
package import Images

/// Decodes and varies pictures ahead of their use, on the threads of a pool.
///
/// The pictures come in one endless sequence: every epoch is a permutation of all items, made from
/// the seed and the epoch's number, and batches may span two epochs. What is done to a picture
/// depends on the seed, the epoch and the item only, so neither threads nor restarts change it.
package final class BatchLoader {
  /// How pictures are ordered and prepared.
  package struct Configuration: Sendable {
    /// Pictures of a batch, N.
    package var batchSize: Int
    /// What is done to them.
    package var augmentation: Augmentation
    /// What is done to the decoded pictures before all else, with noise by seed and item; nil: nothing.
    package var corruption: ImageCorruption?
    /// Whether every epoch has an order of its own; otherwise that of the items.
    package var shuffles = true
    /// Whether the sequence goes on after the first epoch; otherwise the last batch may be smaller.
    package var repeats = true
    /// Whether an unreadable picture is replaced by the next one of the order and listed in
    /// ``BatchLoader/problems``; otherwise ``BatchLoader/next()`` throws.
    package var replacesUnreadable = true
    /// Chooses orders and variations.
    package var seed: UInt64 = 1
    /// Pictures prepared ahead; nil: those of two batches.
    package var prefetchCount: Int?
    /// Bytes of decoded pictures that are kept, so that small sets are decoded once.
    package var cacheBytes = 512 << 20

    /// For training: shuffled, endless.
    package init(batchSize: Int, augmentation: Augmentation) {
      self.batchSize = batchSize
      self.augmentation = augmentation
    }

    /// For evaluation: every item once, in order, as it is; an unreadable picture is an error.
    package static func evaluation(batchSize: Int, letterbox: Bool) -> Configuration {
      var configuration = Configuration(
        batchSize: batchSize, augmentation: .none(letterbox: letterbox))
      configuration.shuffles = false
      configuration.repeats = false
      configuration.replacesUnreadable = false
      return configuration
    }
  }

  /// A place in the sequence; a loader started there continues it exactly.
  package struct State: Hashable, Sendable, Codable {
    /// Completed epochs.
    package var epoch: Int
    /// Pictures of this epoch that have been handed out.
    package var position: Int

    /// The beginning, unless told otherwise.
    package init(epoch: Int = 0, position: Int = 0) {
      self.epoch = epoch
      self.position = position
    }
  }

  /// Time spent in ``next()``, in seconds: what decoding and augmentation cost the caller.
  package private(set) var waitSeconds = 0.0

  /// The place of the next batch.
  package var state: State { State(epoch: nextSlot / count, position: nextSlot % count) }

  /// Pictures that could not be read so far, each once.
  package var problems: [DataProblem] { worker.problems }

  private let configuration: Configuration
  private let inputSize: (Int) -> (width: Int, height: Int)
  private let pool: ThreadPool
  private let worker: LoaderWorker
  private let count: Int
  private let firstSlot: Int
  /// Slots count the pictures of the sequence from the very beginning.
  private var nextSlot: Int
  private var scheduledSlot: Int
  private var orders: [Int: [Int]] = [:]

  /// A loader at a place of the sequence.
  ///
  /// - Parameters:
  ///   - items: Pictures and truths.
  ///   - configuration: Order and augmentation.
  ///   - pool: Threads that do the work; the caller of ``next()`` helps.
  ///   - state: Where to begin.
  ///   - inputSize: The input's size for the n-th batch of the whole sequence, from 0; asked ahead.
  /// - Throws: ``DataError/empty(folder:reason:)`` if there are no items.
  package init(
    items: [VOCDataset.Item], configuration: Configuration, pool: ThreadPool,
    startingAt state: State = State(), inputSize: @escaping (Int) -> (width: Int, height: Int)
  ) throws {
    precondition(configuration.batchSize > 0, "empty batches")
    guard !items.isEmpty else { throw DataError.empty(folder: "data set", reason: "no items") }
    self.configuration = configuration
    self.inputSize = inputSize
    self.pool = pool
    count = items.count
    firstSlot = state.epoch * items.count + state.position
    nextSlot = firstSlot
    scheduledSlot = firstSlot
    worker = LoaderWorker(items: items, configuration: configuration)
  }

  deinit { worker.cancel() }

  /// The next batch, nil after the last one of a sequence that does not repeat.
  ///
  /// - Throws: ``ImageError`` for an unreadable picture that is not to be replaced,
  ///   ``DataError/noReadableImage(_:)`` if none can be read, or `ComputeError` without memory.
  package func next() throws -> Batch? {
    let clock = ContinuousClock()
    let start = clock.now
    defer { waitSeconds += (clock.now - start) / .seconds(1) }
    let end = nextSlot + configuration.batchSize
    let slots = nextSlot..<(configuration.repeats ? end : min(end, max(count, nextSlot)))
    if slots.isEmpty { return nil }
    schedule(before: slots.upperBound + (configuration.prefetchCount ?? 2 * slots.count))
    var samples: [LoadedSample] = []
    for slot in slots { samples.append(try wait(for: slot)) }
    let (width, height) = inputSize(batchNumber(of: nextSlot))
    let batch = try Batch(samples, width: width, height: height)
    nextSlot = slots.upperBound
    return batch
  }

  private func batchNumber(of slot: Int) -> Int {
    firstSlot / configuration.batchSize + (slot - firstSlot) / configuration.batchSize
  }

  private func schedule(before end: Int) {
    while scheduledSlot < end && (configuration.repeats || scheduledSlot < count) {
      let slot = scheduledSlot
      let size = inputSize(batchNumber(of: slot))
      let place = LoaderWorker.Place(
        slot: slot, epoch: slot / count, position: slot % count,
        order: order(ofEpoch: slot / count), width: size.width, height: size.height)
      let worker = worker
      pool.submit { worker.produce(place) }
      scheduledSlot += 1
    }
  }

  private func order(ofEpoch epoch: Int) -> [Int] {
    if let order = orders[epoch] { return order }
    var random = RandomStream(seed: configuration.seed).split(0, UInt64(epoch))
    let order = configuration.shuffles ? random.permutation(count) : Array(0..<count)
    orders = orders.filter { $0.key >= epoch - 1 }
    orders[epoch] = order
    return order
  }

  private func wait(for slot: Int) throws -> LoadedSample {
    while true {
      if let result = worker.take(slot) { return try result.get() }
      if !pool.runPendingTask() { worker.waitUntilReady(slot) }
    }
  }
}
