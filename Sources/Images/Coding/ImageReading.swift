import Files
package import Foundation

extension Image {
  /// Reads a JPEG or PNG file, told apart by content.
  ///
  /// Grey becomes equal red, green and blue; CMYK is converted with or without Adobe's inversion;
  /// transparent PNG pixels are laid on black; 16 bits become 8. A JPEG's EXIF orientation is
  /// applied. A decoder's warning (missing data, bad codes) is an error: half a picture must not
  /// pass for a whole one.
  ///
  /// - Throws: ``ImageError`` with the file and the cause.
  package static func read(_ url: URL) throws -> Image {
    try decode(readBytes(url), file: url.path)
  }

  /// Reads a JPEG or PNG file, see ``read(_:)-(URL)``.
  ///
  /// - Throws: ``ImageError`` with the file and the cause.
  package static func read(_ path: String) throws -> Image {
    try read(URL(filePath: path))
  }

  /// Decodes the bytes of a JPEG or PNG file; `file` is only named in errors.
  ///
  /// - Throws: ``ImageError`` with the file and the cause.
  package static func decode(_ bytes: [UInt8], file: String) throws -> Image {
    let header = try decodeHeader(bytes, file: file)
    guard header.width <= ImageSizeLimit.pixels / header.height else {
      throw ImageError.tooLarge(file: file, width: header.width, height: header.height)
    }
    switch header.format {
    case .jpeg:
      let image = try JPEGDecoder(bytes, file: file).decode()
      return image.oriented(header.orientation)
    case .png: return try PNGCoder.decode(bytes, file: file)
    }
  }

  /// Reads size, format and orientation of an image file without decoding the pixels.
  ///
  /// - Throws: ``ImageError`` with the file and the cause.
  package static func readHeader(_ url: URL) throws -> ImageHeader {
    try decodeHeader(readBytes(url), file: url.path)
  }

  /// Finds size, format and orientation in the bytes of an image file.
  ///
  /// - Throws: ``ImageError`` with the file and the cause.
  package static func decodeHeader(_ bytes: [UInt8], file: String) throws -> ImageHeader {
    if bytes.isEmpty { throw ImageError.empty(file: file) }
    if bytes.starts(with: [0xFF, 0xD8]) { return try JPEGDecoder(bytes, file: file).header() }
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
      return try PNGCoder.header(bytes, file: file)
    }
    throw ImageError.unknownFormat(file: file, firstBytes: Array(bytes.prefix(4)))
  }

  package static func readBytes(_ url: URL) throws -> [UInt8] {
    do {
      return [UInt8](try Foundation.Data(contentsOf: url))
    } catch {
      throw ImageError.unreadable(file: url.path, reason: FileProblem.reason(error))
    }
  }
}
