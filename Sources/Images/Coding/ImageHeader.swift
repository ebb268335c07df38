/// What an image file says about itself before it is decoded.
package struct ImageHeader: Hashable, Sendable {
  /// The kinds of files that can be read, recognised by content, not by name.
  package enum Format: String, Sendable {
    /// JPEG, baseline or progressive, grey, YCbCr, RGB, CMYK or YCCK.
    case jpeg = "JPEG"
    /// PNG of any bit depth and colour type.
    case png = "PNG"
    /// BMP of 1, 4, 8, 24 or 32 bits, not compressed.
    case bmp = "BMP"
    /// TIFF, of which the first page counts.
    case tiff = "TIFF"
    /// A still WebP, lossy or lossless.
    case webp = "WebP"
  }

  /// Told by the content.
  package let format: Format
  /// Pixels in a row, after the rotation that EXIF asks for.
  package let width: Int
  /// Rows, after the rotation that EXIF asks for.
  package let height: Int
  /// The EXIF orientation, 1...8, 1 (upright) if there is none; applied when decoding.
  package let orientation: Int
  /// 1 for grey, 3 for colour, 4 for CMYK.
  package let channels: Int
}
