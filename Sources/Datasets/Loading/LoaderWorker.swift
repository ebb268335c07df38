import Compute
import Foundation
import Images
import Synchronization

/// A place in the sequence, and all that its picture depends on.
struct LoaderPlace: Sendable {
  let slot: Int
  let epoch: Int
  let position: Int
  let order: [Int]
  let width: Int
  let height: Int
}

/// The part of a loader that runs on any thread: decodes, varies, and keeps results until taken.
final class LoaderWorker<Target: Placeable>: Sendable {
  private struct Shelf {
    var results: [Int: Result<LoadedSample<Target>?, any Error>] = [:]
    var problems: [Int: DataProblem] = [:]
    var notes: [Int: DataProblem] = [:]
  }

  let samples: [Sample<Target>]
  let augmentation: Augmentation
  let channels: Int
  let random: RandomStream
  let mixingRandom: RandomStream
  private let corruption: ImageCorruption?
  private let mirrors: Bool
  private let corruptionRandom: RandomStream
  private let unreadable: UnreadableRule
  private let cache: ImageCache
  private let shelf = Mutex(Shelf())
  private let isCancelled = Atomic(false)
  private let somethingIsReady = NSCondition()

  init(samples: [Sample<Target>], configuration: LoaderConfiguration) {
    self.samples = samples
    augmentation = configuration.augmentation
    channels = configuration.channels
    random = RandomStream(seed: configuration.seed).split(1)
    mixingRandom = RandomStream(seed: configuration.seed).split(3)
    corruption = configuration.corruption
    mirrors = configuration.mirrors
    corruptionRandom = RandomStream(seed: configuration.seed).split(2)
    unreadable = configuration.unreadable
    cache = ImageCache(bytes: configuration.cacheBytes)
  }

  /// Unreadable pictures in the order of the samples.
  var problems: [DataProblem] { sorted(shelf.withLock { $0.problems }) }
  /// Pictures that are used though their decoder warned, likewise.
  var notes: [DataProblem] { sorted(shelf.withLock { $0.notes }) }

  private func sorted(_ problems: [Int: DataProblem]) -> [DataProblem] {
    problems.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Makes tasks that have not begun do nothing.
  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  /// The result of a slot if it is there; of a picture that is left out, nil.
  func take(_ slot: Int) -> Result<LoadedSample<Target>?, any Error>? {
    shelf.withLock { $0.results.removeValue(forKey: slot) }
  }

  /// Sleeps until the result of a slot, which some thread is working on, can be taken.
  func waitUntilReady(_ slot: Int) {
    somethingIsReady.lock()
    defer { somethingIsReady.unlock() }
    while shelf.withLock({ $0.results[slot] == nil }) { somethingIsReady.wait() }
  }

  /// Prepares the picture of a place and shelves the result.
  func produce(_ place: LoaderPlace) {
    if isCancelled.load(ordering: .relaxed) { return }
    let result = Result { try sample(place) }
    shelf.withLock { $0.results[place.slot] = result }
    // Shelved before the lock is taken: a thread that found nothing is then already waiting.
    somethingIsReady.lock()
    somethingIsReady.broadcast()
    somethingIsReady.unlock()
  }

  private func sample(_ place: LoaderPlace) throws -> LoadedSample<Target>? {
    let count = place.order.count
    let candidates = (0..<(unreadable == .replace ? count : 1)).lazy
      .map { place.order[(place.position + $0) % count] }
    if let (image, index) = try firstReadable(candidates) {
      return try mixed(image, index, place)
    }
    if unreadable == .leaveOut { return nil }
    throw DataError.noReadableImage(problems.first?.text ?? "none")
  }

  /// The first picture that can be read, of the samples with these indices.
  func firstReadable(_ indices: some Sequence<Int>) throws -> (image: Image, index: Int)? {
    for index in indices {
      if shelf.withLock({ $0.problems[index] != nil }) { continue }
      let image: Image
      do {
        let note: String?
        (image, note) = try cache.image(of: index, from: samples[index].image)
        if let note {
          shelf.withLock { $0.notes[index] = .warnedImage(samples[index].image, note) }
        }
      } catch {
        let problem = DataProblem.unreadableImage(samples[index].image, error)
        shelf.withLock { $0.problems[index] = problem }
        continue
      }
      let seen = try disturbed(image, index)
      return (mirrors ? seen.mirrored : seen, index)
    }
    return nil
  }

  private func disturbed(_ image: Image, _ index: Int) throws -> Image {
    guard let corruption else { return image }
    return try corruption.applied(
      to: image, using: corruptionRandom.split(UInt64(index)), file: samples[index].image.path)
  }
}
