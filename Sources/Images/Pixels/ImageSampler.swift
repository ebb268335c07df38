package import Geometry

/// Copies a rectangle of a picture into a rectangle of a network input: crop, bilinear resize,
/// mirroring and colour distortion in one pass.
///
/// Values are 0...1 (bytes / 255), NHWC. Around the target rectangle is the fill value; source
/// pixels outside the picture count as 0.
package struct ImageSampler: PictureSampler {
  /// Columns of the picture to show; may reach outside it.
  package var columns: Range<Int>
  /// Rows of the picture to show; may reach outside it.
  package var rows: Range<Int>
  /// Where they go, in pixels of the input; may reach outside it.
  package var target: PixelRectangle
  /// Whether the whole input is mirrored left to right in the end.
  package var mirrored = false
  /// Value of the input around the target, 0...1.
  package var fill: Float = 0
  /// Applied to every pixel of the input, the fill included.
  package var distortion = ColorDistortion()

  /// Made of its parts.
  package init(
    columns: Range<Int>, rows: Range<Int>, target: PixelRectangle, mirrored: Bool = false,
    fill: Float = 0, distortion: ColorDistortion = ColorDistortion()
  ) {
    self.columns = columns
    self.rows = rows
    self.target = target
    self.mirrored = mirrored
    self.fill = fill
    self.distortion = distortion
  }

  /// As ``PictureSampler`` says.
  package func renderColors(
    _ image: Image, width: Int, height: Int, window: PixelRectangle,
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    let outside = distortion.applied(to: fill)
    // What of the target the window shows, as the input is in the end.
    let x = mirrored ? width - target.x - target.width : target.x
    let left = max(x, window.x)
    let right = min(x + target.width, window.x + window.width)
    let top = max(target.y, window.y)
    let bottom = min(target.y + target.height, window.y + window.height)
    guard left < right, top < bottom else { return output.update(repeating: outside) }
    let isFull = right - left == window.width && bottom - top == window.height
    if !isFull { output.update(repeating: outside) }
    let horizontal = BilinearAxis(
      count: target.width, range: columns, sourceCount: image.width, mirrored: mirrored,
      wanted: left - x..<right - x)
    let vertical = BilinearAxis(
      count: target.height, range: rows, sourceCount: image.height,
      wanted: top - target.y..<bottom - target.y)
    var lines = ResampledRows(axis: horizontal, width: right - left)
    image.pixels.withUnsafeBufferPointer { pixels in
      for o in 0..<bottom - top {
        let first = Int(vertical.positions[2 * o])
        let second = Int(vertical.positions[2 * o + 1])
        lines.load(first, second, of: pixels, width: image.width)
        let start = 3 * ((top - window.y + o) * window.width + left - window.x)
        let line = UnsafeMutableBufferPointer(
          rebasing: output[start..<start + 3 * (right - left)])
        lines.blend(
          vertical.weights[2 * o], vertical.weights[2 * o + 1], distortion, into: line)
      }
    }
  }
}
