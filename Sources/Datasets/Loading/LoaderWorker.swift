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

  private let samples: [Sample<Target>]
  private let augmentation: Augmentation
  private let channels: Int
  private let random: RandomStream
  private let corruption: ImageCorruption?
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
    corruption = configuration.corruption
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
    for attempt in 0..<(unreadable == .replace ? count : 1) {
      let index = place.order[(place.position + attempt) % count]
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
      return vary(try disturbed(image, index), index, place)
    }
    if unreadable == .leaveOut { return nil }
    throw DataError.noReadableImage(problems.first?.text ?? "none")
  }

  private func disturbed(_ image: Image, _ index: Int) throws -> Image {
    guard let corruption else { return image }
    return try corruption.applied(
      to: image, using: corruptionRandom.split(UInt64(index)), file: samples[index].image.path)
  }

  private func vary(_ image: Image, _ index: Int, _ place: LoaderPlace) -> LoadedSample<Target> {
    var random = random.split(UInt64(place.epoch), UInt64(index))
    let variation = augmentation.draw(
      imageWidth: image.width, imageHeight: image.height, inputWidth: place.width,
      inputHeight: place.height, using: &random)
    let size = channels * place.width * place.height
    let values = [Float](unsafeUninitializedCapacity: size) { buffer, count in
      let target = UnsafeMutableBufferPointer(rebasing: buffer[..<size])
      target.initialize(repeating: 0)
      variation.sampler.render(
        image, width: place.width, height: place.height, channels: channels, into: target)
      count = size
    }
    return LoadedSample(
      values: values, target: samples[index].target.placed(by: variation),
      source: BatchSource(index: index, id: samples[index].id, variation: variation))
  }
}

/// Decoded pictures up to a number of bytes: the first ones stay, since every epoch needs them all.
final class ImageCache: Sendable {
  private struct Content {
    var images: [Int: Image] = [:]
    var freeBytes: Int
  }

  private let content: Mutex<Content>

  init(bytes: Int) { content = Mutex(Content(freeBytes: bytes)) }

  /// The picture, and what its decoder warned of if it was decoded now.
  func image(of index: Int, from source: ImageSource) throws -> (image: Image, note: String?) {
    if let image = content.withLock({ $0.images[index] }) { return (image, nil) }
    let (image, note) = try source.readNoting()
    content.withLock { content in
      if content.images[index] == nil, image.pixels.count <= content.freeBytes {
        content.images[index] = image
        content.freeBytes -= image.pixels.count
      }
    }
    return (image, note)
  }
}
