import CKernels

/// The lines of an NHWC tensor, or of some of its channels, with zeros around them.
///
/// Kernels then need no tests for borders. Pixels lie apart by more than their channels where a
/// power of two would map all of them to the same few cache lines.
struct PaddedLines: Sendable {
  /// Pixels of the source.
  let height: Int
  let width: Int
  /// Channels that are copied, and the distance of the source's pixels.
  let channels: Int
  let sourcePixel: Int
  /// Zero lines above and zero pixels to the left; lines and pixels in all.
  let top: Int
  let left: Int
  let lines: Int
  let columns: Int
  /// Distance of the copy's pixels.
  let pixel: Int

  init(
    _ shape: Shape, channels: Int, top: Int, left: Int, lines: Int, columns: Int, step: Int
  ) {
    height = shape.height
    width = shape.width
    self.channels = channels
    sourcePixel = shape.channels
    self.top = top
    self.left = left
    self.lines = lines
    self.columns = columns
    pixel = channels + (step * channels % 512 == 0 ? 16 : 0)
  }

  /// Floats of a line, of an image.
  var line: Int { columns * pixel }
  var image: Int { lines * line }

  /// Copies padded lines `range` of one image of the source.
  func copy(
    _ range: Range<Int>, of image: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>
  ) {
    // What lies right of the copy's columns is not needed.
    let count = max(0, min(width, columns - left))
    for i in range {
      let y = i - top
      let source = y >= 0 && y < height ? image + y * width * sourcePixel : nil
      ck_pad_line(
        source, count, channels, sourcePixel, left, columns, out + (i - range.lowerBound) * line,
        pixel)
    }
  }
}
