internal import Files
public import Foundation

extension Image {
  /// Writes the picture as PNG, all or nothing.
  ///
  /// - Throws: ``ImageError/unwritable(file:reason:)``.
  public func writePNG(to url: URL) throws {
    try replace(url, by: PNGCoder.encode(self, file: url.path))
  }

  /// Writes the picture as JPEG, all or nothing.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - quality: 1...100; from 90 on, colour keeps its full resolution.
  /// - Throws: ``ImageError/unwritable(file:reason:)``.
  public func writeJPEG(to url: URL, quality: Int = 90) throws {
    try replace(url, by: JPEGEncoder.encode(self, quality: quality, file: url.path))
  }
}

extension Image {
  private func replace(_ url: URL, by bytes: [UInt8]) throws {
    do {
      try AtomicFile.write(bytes, to: url.path)
    } catch let error as FileError {
      throw ImageError.unwritable(file: error.path, reason: error.reason)
    }
  }
}
