import CPNG

/// Decodes and encodes PNG with libpng's simplified interface, which needs no long jumps.
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

  static func decode(_ bytes: [UInt8], file: String) throws -> Image {
    var control = png_image()
    control.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&control) }
    return try bytes.withUnsafeBytes { memory in
      guard png_image_begin_read_from_memory(&control, memory.baseAddress, memory.count) != 0 else {
        throw failure(control, file)
      }
      control.format = UInt32(PNG_FORMAT_FLAG_COLOR)
      // Without this, 16-bit files that name no gamma would be taken for linear light.
      control.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
      let width = Int(control.width)
      let height = Int(control.height)
      var background = png_color(red: 0, green: 0, blue: 0)
      var pixels = [UInt8](repeating: 0, count: 3 * width * height)
      let status = png_image_finish_read(&control, &background, &pixels, Int32(3 * width), nil)
      guard status != 0 else { throw failure(control, file) }
      return Image(width: width, height: height, pixels: pixels)
    }
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

  private static func failure(_ control: png_image, _ file: String) -> ImageError {
    .corrupt(file: file, format: "PNG", reason: message(control))
  }

  private static func message(_ control: png_image) -> String {
    withUnsafeBytes(of: control.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
