import CImageFiles
import CPNG

/// Decodes and encodes PNG with libpng; writing takes its simplified interface, which needs no long
/// jumps.
enum PNGCoder {
  /// Size and channels from the IHDR chunk, which must come first.
  static func header(_ bytes: [UInt8], file: String) throws -> ImageHeader {
    func integer(at offset: Int) -> Int {
      bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    guard bytes.count >= 29, bytes[12..<16].elementsEqual("IHDR".utf8) else {
      throw ImageError.corrupt(file: file, format: "PNG", reason: "no complete header")
    }
    let width = integer(at: 16)
    let height = integer(at: 20)
    guard width > 0, height > 0 else {
      throw ImageError.corrupt(file: file, format: "PNG", reason: "the header says no pixels")
    }
    let isColor = bytes[25] & 2 != 0
    return ImageHeader(
      format: .png, width: width, height: height, orientation: 1, channels: isColor ? 3 : 1)
  }

  static func decode(_ bytes: [UInt8], header: ImageHeader, file: String) throws -> Image {
    let count = 3 * header.width * header.height
    var pixels = [UInt8](repeating: 0, count: count)
    try LibraryMessage.check("PNG", file) {
      cimagefiles_png(
        bytes, bytes.count, UInt32(header.width), UInt32(header.height), &pixels, $0)
    }
    return Image(width: header.width, height: header.height, pixels: pixels)
  }

  static func encode(_ image: Image, file: String) throws -> [UInt8] {
    var control = png_image()
    control.version = UInt32(PNG_IMAGE_VERSION)
    control.width = UInt32(image.width)
    control.height = UInt32(image.height)
    control.format = UInt32(PNG_FORMAT_FLAG_COLOR)
    defer { png_image_free(&control) }
    // Stored rows with their filter byte, plus room for chunk headers: enough for any content.
    let raw = (3 * image.width + 1) * image.height
    var size = raw + raw / 64 + 4096
    var result = [UInt8](repeating: 0, count: size)
    let status = png_image_write_to_memory(
      &control, &result, &size, 0, image.pixels, Int32(3 * image.width), nil)
    guard status != 0, size <= result.count else {
      throw ImageError.unwritable(file: file, reason: message(control))
    }
    result.removeLast(result.count - size)
    return result
  }

  private static func message(_ control: png_image) -> String {
    withUnsafeBytes(of: control.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
