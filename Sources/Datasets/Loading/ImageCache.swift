import Images
import Synchronization

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
