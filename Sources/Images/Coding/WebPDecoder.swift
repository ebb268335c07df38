import CWebP

/// Decodes a still WebP, lossy or lossless; alpha is left out.
enum WebPDecoder {
  static func header(_ bytes: [UInt8], file: String) throws -> ImageHeader {
    var features = WebPBitstreamFeatures()
    let status = WebPGetFeatures(bytes, bytes.count, &features)
    guard status == VP8_STATUS_OK, features.width > 0, features.height > 0 else {
      throw ImageError.corrupt(file: file, format: "WebP", reason: "no complete header")
    }
    if features.has_animation != 0 {
      throw ImageError.unsupported(file: file, what: "an animated WebP")
    }
    return ImageHeader(
      format: .webp, width: Int(features.width), height: Int(features.height), orientation: 1,
      channels: 3)
  }

  static func decode(_ bytes: [UInt8], header: ImageHeader, file: String) throws -> Image {
    let count = 3 * header.width * header.height
    var isDone = false
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      isDone =
        WebPDecodeRGBInto(
          bytes, bytes.count, target.baseAddress, count, Int32(3 * header.width)) != nil
      initialized = isDone ? count : 0
    }
    guard isDone else {
      throw ImageError.corrupt(file: file, format: "WebP", reason: "data are missing or damaged")
    }
    return Image(width: header.width, height: header.height, pixels: pixels)
  }
}
