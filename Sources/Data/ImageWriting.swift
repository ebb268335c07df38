public import Foundation

extension Image {
  /// Writes the picture as PNG, all or nothing.
  ///
  /// - Throws: ``ImageError/unwritable(file:reason:)``.
  public func writePNG(to url: URL) throws {
    try AtomicFile.write(PNGCoder.encode(self, file: url.path), to: url)
  }

  /// Writes the picture as JPEG, all or nothing.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - quality: 1...100; from 90 on, colour keeps its full resolution.
  /// - Throws: ``ImageError/unwritable(file:reason:)``.
  public func writeJPEG(to url: URL, quality: Int = 90) throws {
    try AtomicFile.write(JPEGEncoder.encode(self, quality: quality, file: url.path), to: url)
  }
}

/// Files that appear complete or not at all.
public enum AtomicFile {
  /// Writes bytes to a temporary file beside `url` and renames it.
  ///
  /// - Parameters:
  ///   - bytes: The content.
  ///   - url: The file, replaced if it exists.
  ///   - flush: Whether to wait for the disk before renaming, so that a power cut loses nothing.
  /// - Throws: ``ImageError/unwritable(file:reason:)``; what was at `url` is then untouched.
  public static func write(_ bytes: [UInt8], to url: URL, flush: Bool = true) throws {
    let temporary = url.path + ".\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(url, errno) }
    do {
      try writeAll(bytes, to: descriptor, url)
      guard !flush || fsync(descriptor) == 0 else { throw failure(url, errno) }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    guard close(descriptor) == 0, rename(temporary, url.path) == 0 else {
      let code = errno
      unlink(temporary)
      throw failure(url, code)
    }
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, _ url: URL) throws {
    try bytes.withUnsafeBytes { memory in
      var done = 0
      while done < memory.count {
        let rest = UnsafeRawBufferPointer(rebasing: memory[done...])
        let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw failure(url, count == 0 ? ENOSPC : errno) }
        done += count
      }
    }
  }

  private static func failure(_ url: URL, _ code: Int32) -> ImageError {
    .unwritable(file: url.path, reason: FileProblem.describe(code))
  }
}
