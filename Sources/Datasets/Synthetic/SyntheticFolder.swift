import Compute
import Files
import Foundation
import Images
import Synchronization

/// The folder of a data set that is drawn.
enum SyntheticFolder {
  /// Makes it and the folders in it.
  ///
  /// - Throws: ``DataError`` if it is in use or cannot be made.
  static func prepare(_ folder: URL, parts: [String]) throws {
    let present = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    if let present, !present.isEmpty {
      throw DataError.folder(folder.path, reason: "is not empty; choose another folder")
    }
    do {
      for name in parts {
        try FileManager.default.createDirectory(
          at: folder.appending(path: name), withIntermediateDirectories: true)
      }
    } catch {
      throw DataError.folder(
        folder.path, reason: "cannot be made: \(FileProblem.reason(error))")
    }
  }

  /// Writes a picture as JPEG.
  ///
  /// - Throws: `FileError` or `ImageError` if it cannot be written.
  static func write(_ image: Image, to file: URL) throws {
    let bytes = try JPEGEncoder.encode(image, quality: 92, file: file.path)
    // No flush for each of thousands of files that can be drawn again.
    try AtomicFile.write(bytes, to: file.path, flushes: false)
  }

  /// Does something for every index on several threads.
  ///
  /// - Throws: The first error; what has not begun then is left out.
  static func forEach(
    _ count: Int, pool: ThreadPool, _ body: @escaping @Sendable (Int) throws -> Void
  ) throws {
    let failure = FirstFailure()
    pool.forEach(count: count) { index in
      if failure.isSet { return }
      do {
        try body(index)
      } catch {
        failure.set(error)
      }
    }
    try failure.rethrow()
  }
}

/// The first error of several threads.
private final class FirstFailure: Sendable {
  private let error = Mutex<(any Error)?>(nil)

  var isSet: Bool { error.withLock { $0 != nil } }

  func set(_ new: any Error) { error.withLock { $0 = $0 ?? new } }

  func rethrow() throws {
    if let error = error.withLock({ $0 }) { throw error }
  }
}
