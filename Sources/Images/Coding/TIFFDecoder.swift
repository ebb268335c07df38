import CImageFiles

/// Decodes the first page of a TIFF; orientation is left to the caller.
enum TIFFDecoder {
  static func header(_ bytes: [UInt8], file: String) throws -> ImageHeader {
    var header = cimagefiles_tiff_header()
    try LibraryMessage.check("TIFF", file) {
      cimagefiles_tiff_info(bytes, bytes.count, &header, $0)
    }
    guard header.width > 0, header.height > 0 else {
      throw ImageError.corrupt(file: file, format: "TIFF", reason: "the header says no pixels")
    }
    let swapped = header.orientation >= 5
    return ImageHeader(
      format: .tiff, width: Int(swapped ? header.height : header.width),
      height: Int(swapped ? header.width : header.height),
      orientation: Int(header.orientation), channels: Int(header.channels))
  }

  /// The pixels in the order in which they are stored.
  static func decode(_ bytes: [UInt8], header: ImageHeader, file: String) throws -> Image {
    let swapped = header.orientation >= 5
    let width = swapped ? header.height : header.width
    let height = swapped ? header.width : header.height
    var pixels = [UInt8](repeating: 0, count: 3 * width * height)
    try LibraryMessage.check("TIFF", file) {
      cimagefiles_tiff(bytes, bytes.count, UInt32(width), UInt32(height), &pixels, $0)
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}

/// What a C decoder says when it fails.
enum LibraryMessage {
  /// Calls `body` with room for a message.
  ///
  /// - Throws: ``ImageError/corrupt(file:format:reason:)`` with the message if it returns not 0.
  static func check(
    _ format: String, _ file: String, _ body: (UnsafeMutablePointer<CChar>) -> Int32
  ) throws {
    var message = [CChar](repeating: 0, count: Int(CIMAGEFILES_MESSAGE))
    guard message.withUnsafeMutableBufferPointer({ $0.baseAddress.map(body) }) == 0 else {
      let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw ImageError.corrupt(
        file: file, format: format, reason: String(decoding: text, as: UTF8.self))
    }
  }
}
