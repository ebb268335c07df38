package import Geometry

/// What brings a picture into a network input; values are 0...1 (bytes / 255), NHWC.
package protocol PictureSampler {
  /// Overwrites `output`, [window height, window width, 3], with a window of the input.
  ///
  /// - Parameters:
  ///   - image: The picture.
  ///   - width: Columns of the whole input.
  ///   - height: Rows of the whole input.
  ///   - window: The part that is wanted, inside the input.
  ///   - output: The window's values.
  func renderColors(
    _ image: Image, width: Int, height: Int, window: PixelRectangle,
    into output: UnsafeMutableBufferPointer<Float>)
}

extension PictureSampler {
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
      precondition(
        output.count == 3 * window.width * window.height, "not a \(width)x\(height) input")
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
}
