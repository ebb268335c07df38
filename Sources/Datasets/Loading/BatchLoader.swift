package import Compute
import Foundation

/// Decodes and varies pictures ahead of their use, on the threads of a pool.
///
/// The pictures come in one endless sequence: every epoch is a permutation of all samples, made from
/// the seed and the epoch's number, and batches may span two epochs. What is done to a picture
/// depends on the seed, the epoch and the sample only, so neither threads nor restarts change it.
package final class BatchLoader<Target: Placeable> {
  /// Time spent in ``next()``, in seconds: what decoding and augmentation cost the caller.
  package private(set) var waitSeconds = 0.0

  /// The place of the next batch.
  package var state: LoaderState {
    LoaderState(epoch: nextSlot / count, position: nextSlot % count)
  }

  /// Pictures that could not be read so far, each once.
  package var problems: [DataProblem] { worker.problems }

  /// Pictures that were used so far though their decoder warned, each once.
  package var notes: [DataProblem] { worker.notes }

  private let configuration: LoaderConfiguration
  private let inputSize: (Int) -> (width: Int, height: Int)
  private let pool: ThreadPool
  private let worker: LoaderWorker<Target>
  private let count: Int
  private let firstSlot: Int
  /// Slots count the pictures of the sequence from the very beginning.
  private var nextSlot: Int
  private var scheduledSlot: Int
  private var orders: [Int: [Int]] = [:]
  /// Memory that was handed back.
  private var spare: Tensor?

  /// A loader at a place of the sequence.
  ///
  /// - Parameters:
  ///   - samples: Pictures with what is to be found in them.
  ///   - configuration: Order and augmentation.
  ///   - pool: Threads that do the work; the caller of ``next()`` helps.
  ///   - state: Where to begin.
  ///   - inputSize: The input's size for the n-th batch of the whole sequence, from 0; asked ahead.
  /// - Throws: ``DataError/empty(folder:reason:)`` if there are no samples.
  package init(
    samples: [Sample<Target>], configuration: LoaderConfiguration, pool: ThreadPool,
    startingAt state: LoaderState = LoaderState(),
    inputSize: @escaping (Int) -> (width: Int, height: Int)
  ) throws {
    precondition(configuration.batchSize > 0, "empty batches")
    guard !samples.isEmpty else {
      throw DataError.empty(folder: "data set", reason: "no samples")
    }
    self.configuration = configuration
    self.inputSize = inputSize
    self.pool = pool
    count = samples.count
    firstSlot = state.epoch * samples.count + state.position
    nextSlot = firstSlot
    scheduledSlot = firstSlot
    worker = LoaderWorker(samples: samples, configuration: configuration)
  }

  deinit { worker.cancel() }

  /// The next batch, nil after the last one of a sequence that does not repeat.
  ///
  /// - Throws: ``DataError/noReadableImage(_:)`` if no picture of the whole set can be read, or
  ///   `ComputeError` without memory.
  package func next() throws -> Batch<Target>? {
    let clock = ContinuousClock()
    let start = clock.now
    defer { waitSeconds += (clock.now - start) / .seconds(1) }
    while let slots = nextSlots {
      let samples = try wait(for: slots)
      let (width, height) = inputSize(batchNumber(of: slots.lowerBound))
      nextSlot = slots.upperBound
      if samples.isEmpty {
        if problems.count == count {
          throw DataError.noReadableImage(problems.first?.text ?? "none")
        }
        continue
      }
      let shape = Shape(
        batch: samples.count, height: height, width: width, channels: configuration.channels)
      return Batch(samples, in: try input(shape))
    }
    return nil
  }

  /// Memory for an input, its values undefined.
  private func input(_ shape: Shape) throws -> Tensor {
    guard let spare, spare.shape == shape else { return try Tensor(shape, on: HostMemory()) }
    self.spare = nil
    return spare
  }

  /// Takes back the input of a batch that nobody reads any more, to write another in its place: new
  /// memory costs more than the copy.
  package func reuse(_ input: Tensor) { spare = input }

  /// The slots of the next batch, nil after the last one.
  private var nextSlots: Range<Int>? {
    let end = nextSlot + configuration.batchSize
    let slots = nextSlot..<(configuration.repeats ? end : min(end, max(count, nextSlot)))
    return slots.isEmpty ? nil : slots
  }

  /// The pictures of a batch, without those that are left out.
  private func wait(for slots: Range<Int>) throws -> [LoadedSample<Target>] {
    schedule(before: slots.upperBound + (configuration.prefetchCount ?? 2 * slots.count))
    return try slots.filter(isOwn).compactMap { try wait(for: $0) }
  }

  /// Whether the picture of a slot is loaded here.
  private func isOwn(_ slot: Int) -> Bool {
    configuration.share?.contains((slot - firstSlot) % configuration.batchSize) ?? true
  }

  private func batchNumber(of slot: Int) -> Int {
    firstSlot / configuration.batchSize + (slot - firstSlot) / configuration.batchSize
  }

  private func schedule(before end: Int) {
    while scheduledSlot < end && (configuration.repeats || scheduledSlot < count) {
      let slot = scheduledSlot
      let size = inputSize(batchNumber(of: slot))
      let place = LoaderPlace(
        slot: slot, epoch: slot / count, position: slot % count,
        order: order(ofEpoch: slot / count), width: size.width, height: size.height)
      let worker = worker
      if isOwn(slot) { pool.submit { worker.produce(place) } }
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

  private func wait(for slot: Int) throws -> LoadedSample<Target>? {
    while true {
      if let result = worker.take(slot) { return try result.get() }
      if !pool.runPendingTask() { worker.waitUntilReady(slot) }
    }
  }
}
