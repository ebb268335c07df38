import Files
package import Foundation

extension Image {
  /// Writes the picture as PNG, all or nothing.
  ///
  /// - Throws: ``ImageError/unwritable(file:reason:)`` for a size that the format lacks, `FileError`
  ///   if the system refuses.
  package func writePNG(to url: URL) throws {
    try AtomicFile.write(PNGCoder.encode(self, file: url.path), to: url.path)
  }

  /// Writes the picture as JPEG, all or nothing.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - quality: 1...100; from 90 on, colour keeps its full resolution.
  /// - Throws: ``ImageError/unwritable(file:reason:)`` for a size that the format lacks, `FileError`
  ///   if the system refuses.
  package func writeJPEG(to url: URL, quality: Int = 90) throws {
    try AtomicFile.write(
      JPEGEncoder.encode(self, quality: quality, file: url.path), to: url.path)
  }

  /// The content of a PNG file of the picture.
  ///
  /// - Throws: ``ImageError/unwritable(file:reason:)`` for a size that the format lacks.
  package func pngBytes() throws -> [UInt8] { try PNGCoder.encode(self, file: "picture") }

  /// The content of a JPEG file of the picture.
  ///
  /// - Parameter quality: 1...100; from 90 on, colour keeps its full resolution.
  /// - Returns: The bytes.
  /// - Throws: ``ImageError/unwritable(file:reason:)`` for a size that the format lacks.
  package func jpegBytes(quality: Int = 90) throws -> [UInt8] {
    try JPEGEncoder.encode(self, quality: quality, file: "picture")
  }
}
