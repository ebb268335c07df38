package import Geometry

/// Copies a rectangle of a picture into a rectangle of a network input: crop, bilinear resize,
/// mirroring and colour distortion in one pass.
///
/// Values are 0...1 (bytes / 255), NHWC. Around the target rectangle is the fill value; source
/// pixels outside the picture count as 0.
package struct ImageSampler {
  /// Columns of the picture to show; may reach outside it.
  package var columns: Range<Int>
  /// Rows of the picture to show; may reach outside it.
  package var rows: Range<Int>
  /// Where they go, in pixels of the input.
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

  /// Overwrites `output`, which holds height·width·channels values, or those of a window.
  ///
  /// - Parameters:
  ///   - image: The picture.
  ///   - width: Columns of the input.
  ///   - height: Rows of the input.
  ///   - channels: 3 for red, green and blue, 1 for ``Image/grey`` alone.
  ///   - window: The part of the input, as it is in the end, that is wanted; nil: all of it. Its values
  ///     are those that the whole would have there.
  ///   - output: The input, or the window of it.
  package func render(
    _ image: Image, width: Int, height: Int, channels: Int = 3, window: PixelRectangle? = nil,
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    let window = window ?? PixelRectangle(x: 0, y: 0, width: width, height: height)
    precondition(
      window.x >= 0 && window.y >= 0 && window.x + window.width <= width
        && window.y + window.height <= height, "window outside the input")
    guard channels == 1 else {
      precondition(channels == 3, "\(channels) channels")
      return renderColors(image, width: width, height: height, window: window, into: output)
    }
    precondition(output.count == window.width * window.height, "not a \(width)x\(height) input")
    // Of a grey picture all three channels are the same.
    var colors = [Float](repeating: 0, count: 3 * output.count)
    colors.withUnsafeMutableBufferPointer {
      renderColors(image.grey, width: width, height: height, window: window, into: $0)
    }
    for index in output.indices { output[index] = colors[3 * index] }
  }

  private func renderColors(
    _ image: Image, width: Int, height: Int, window: PixelRectangle,
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(
      output.count == 3 * window.width * window.height, "not a \(width)x\(height) input")
    precondition(
      target.x >= 0 && target.y >= 0 && target.x + target.width <= width
        && target.y + target.height <= height, "target outside the input")
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
