import Compute
import Foundation
import Images
import Synchronization

/// The part of a loader that runs on any thread: decodes, varies, and keeps results until taken.
final class LoaderWorker: Sendable {
  /// A place in the sequence, and all that its picture depends on.
  struct Place: Sendable {
    let slot: Int
    let epoch: Int
    let position: Int
    let order: [Int]
    let width: Int
    let height: Int
  }

  private struct Shelf {
    var results: [Int: Result<LoadedSample, any Error>] = [:]
    var problems: [Int: DataProblem] = [:]
  }

  private let items: [VOCDataset.Item]
  private let augmentation: Augmentation
  private let random: RandomStream
  private let corruption: ImageCorruption?
  private let corruptionRandom: RandomStream
  private let replacesUnreadable: Bool
  private let cache: ImageCache
  private let shelf = Mutex(Shelf())
  private let isCancelled = Atomic(false)
  private let somethingIsReady = NSCondition()

  init(items: [VOCDataset.Item], configuration: BatchLoader.Configuration) {
    self.items = items
    augmentation = configuration.augmentation
    random = RandomStream(seed: configuration.seed).split(1)
    corruption = configuration.corruption
    corruptionRandom = RandomStream(seed: configuration.seed).split(2)
    replacesUnreadable = configuration.replacesUnreadable
    cache = ImageCache(bytes: configuration.cacheBytes)
  }

  /// Unreadable pictures in the order of the items.
  var problems: [DataProblem] {
    shelf.withLock { shelf in
      shelf.problems.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  /// Makes tasks that have not begun do nothing.
  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  func take(_ slot: Int) -> Result<LoadedSample, any Error>? {
    shelf.withLock { $0.results.removeValue(forKey: slot) }
  }

  /// Sleeps until the result of a slot, which some thread is working on, can be taken.
  func waitUntilReady(_ slot: Int) {
    somethingIsReady.lock()
    defer { somethingIsReady.unlock() }
    while shelf.withLock({ $0.results[slot] == nil }) { somethingIsReady.wait() }
  }

  /// Prepares the picture of a place and shelves the result.
  func produce(_ place: Place) {
    if isCancelled.load(ordering: .relaxed) { return }
    let result = Result { try sample(place) }
    shelf.withLock { $0.results[place.slot] = result }
    // Shelved before the lock is taken: a thread that found nothing is then already waiting.
    somethingIsReady.lock()
    somethingIsReady.broadcast()
    somethingIsReady.unlock()
  }

  private func sample(_ place: Place) throws -> LoadedSample {
    let count = place.order.count
    for attempt in 0..<count {
      let index = place.order[(place.position + attempt) % count]
      if replacesUnreadable, shelf.withLock({ $0.problems[index] != nil }) { continue }
      do {
        let image = try cache.image(of: index, at: items[index].image)
        return vary(try disturbed(image, index), index, place)
      } catch  where replacesUnreadable {
        let problem = DataProblem.unreadableImage(items[index].image, error)
        shelf.withLock { $0.problems[index] = problem }
      }
    }
    throw DataError.noReadableImage(problems.first?.text ?? "none")
  }

  private func disturbed(_ image: Image, _ index: Int) throws -> Image {
    guard let corruption else { return image }
    return try corruption.applied(
      to: image, using: corruptionRandom.split(UInt64(index)), file: items[index].image.path)
  }

  private func vary(_ image: Image, _ index: Int, _ place: Place) -> LoadedSample {
    var random = random.split(UInt64(place.epoch), UInt64(index))
    let variation = augmentation.draw(
      imageWidth: image.width, imageHeight: image.height, inputWidth: place.width,
      inputHeight: place.height, using: &random)
    let size = 3 * place.width * place.height
    let values = [Float](unsafeUninitializedCapacity: size) { buffer, count in
      let target = UnsafeMutableBufferPointer(rebasing: buffer[..<size])
      target.initialize(repeating: 0)
      variation.render(image, into: target)
      count = size
    }
    return LoadedSample(
      values: values, truths: variation.transform(items[index].truths),
      source: Batch.Source(index: index, id: items[index].id, variation: variation))
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

  func image(of index: Int, at url: URL) throws -> Image {
    if let image = content.withLock({ $0.images[index] }) { return image }
    let image = try Image.read(url)
    content.withLock { content in
      if content.images[index] == nil, image.pixels.count <= content.freeBytes {
        content.images[index] = image
        content.freeBytes -= image.pixels.count
      }
    }
    return image
  }
}
