import Files
package import Foundation

extension Image {
  /// Reads a JPEG, PNG, BMP, TIFF or WebP file, told apart by content.
  ///
  /// The pixels are those that are stored, as OpenCV and Pillow give them: grey becomes equal red,
  /// green and blue; alpha is left out; of 16 bits the high byte counts; gamma and colour profiles
  /// change nothing. CMYK is converted with or without Adobe's inversion. The orientation of EXIF and
  /// TIFF is applied. Missing pixels are an error: half a picture must not pass for a whole one.
  ///
  /// - Throws: ``ImageError`` with the file and the cause.
  package static func read(_ url: URL) throws -> Image {
    try decode(readBytes(url), file: url.path)
  }

  /// Reads an image file, see ``read(_:)-(URL)``.
  ///
  /// - Throws: ``ImageError`` with the file and the cause.
  package static func read(_ path: String) throws -> Image {
    try read(URL(filePath: path))
  }

  /// Decodes the bytes of an image file; `file` is only named in errors.
  ///
  /// - Throws: ``ImageError`` with the file and the cause.
  package static func decode(_ bytes: [UInt8], file: String) throws -> Image {
    try decodeNoting(bytes, file: file).image
  }

  /// Decodes the bytes of an image file, and says what is wrong with it though all pixels are there.
  ///
  /// - Throws: ``ImageError`` with the file and the cause.
  package static func decodeNoting(
    _ bytes: [UInt8], file: String
  ) throws -> (image: Image, note: String?) {
    let header = try decodeHeader(bytes, file: file)
    guard header.width <= ImageSizeLimit.pixels / header.height else {
      throw ImageError.tooLarge(file: file, width: header.width, height: header.height)
    }
    switch header.format {
    case .jpeg:
      let (image, note) = try JPEGDecoder(bytes, file: file).decode()
      return (image.oriented(header.orientation), note)
    case .png: return (try PNGCoder.decode(bytes, header: header, file: file), nil)
    case .bmp: return (try BMPDecoder(bytes, file: file).decode(), nil)
    case .webp: return (try WebPDecoder.decode(bytes, header: header, file: file), nil)
    case .tiff:
      let image = try TIFFDecoder.decode(bytes, header: header, file: file)
      return (image.oriented(header.orientation), nil)
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
    if bytes.starts(with: Array("BM".utf8)) { return try BMPDecoder(bytes, file: file).header }
    // Little and big endian, classic and big TIFF.
    if [[73, 73, 42, 0], [77, 77, 0, 42], [73, 73, 43, 0], [77, 77, 0, 43]]
      .contains(where: bytes.starts)
    {
      return try TIFFDecoder.header(bytes, file: file)
    }
    if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) {
      return try WebPDecoder.header(bytes, file: file)
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
