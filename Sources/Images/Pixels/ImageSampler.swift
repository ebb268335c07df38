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

  /// Overwrites `output`, which holds height·width·channels values.
  ///
  /// - Parameters:
  ///   - image: The picture.
  ///   - width: Columns of the input.
  ///   - height: Rows of the input.
  ///   - channels: 3 for red, green and blue, 1 for ``Image/grey`` alone.
  ///   - output: The input.
  package func render(
    _ image: Image, width: Int, height: Int, channels: Int = 3,
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    guard channels == 1 else {
      precondition(channels == 3, "\(channels) channels")
      return renderColors(image, width: width, height: height, into: output)
    }
    precondition(output.count == width * height, "not a \(width)x\(height) input")
    // Of a grey picture all three channels are the same.
    var colors = [Float](repeating: 0, count: 3 * output.count)
    colors.withUnsafeMutableBufferPointer {
      renderColors(image.grey, width: width, height: height, into: $0)
    }
    for index in output.indices { output[index] = colors[3 * index] }
  }

  private func renderColors(
    _ image: Image, width: Int, height: Int, into output: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(output.count == 3 * width * height, "not a \(width)x\(height) input")
    precondition(
      target.x >= 0 && target.y >= 0 && target.x + target.width <= width
        && target.y + target.height <= height, "target outside the input")
    let outside = distortion.applied(to: fill)
    guard target.width > 0, target.height > 0 else { return output.update(repeating: outside) }
    let x = mirrored ? width - target.x - target.width : target.x
    let isFull = target.width == width && target.height == height
    if !isFull { output.update(repeating: outside) }
    let horizontal = BilinearAxis(
      count: target.width, range: columns, sourceCount: image.width, mirrored: mirrored)
    let vertical = BilinearAxis(count: target.height, range: rows, sourceCount: image.height)
    var lines = ResampledRows(axis: horizontal, width: target.width)
    image.pixels.withUnsafeBufferPointer { pixels in
      for o in 0..<target.height {
        let first = Int(vertical.positions[2 * o])
        let second = Int(vertical.positions[2 * o + 1])
        lines.load(first, second, of: pixels, width: image.width)
        let start = 3 * ((target.y + o) * width + x)
        let line = UnsafeMutableBufferPointer(
          rebasing: output[start..<start + 3 * target.width])
        lines.blend(
          vertical.weights[2 * o], vertical.weights[2 * o + 1], distortion, into: line)
      }
    }
  }
}

/// Two neighbouring source rows, already resampled along x, as planes of red, green and blue.
private struct ResampledRows {
  private let axis: BilinearAxis
  private let width: Int
  private var storage: [[Float]]
  private var blended: [Float]
  private var source = [-1, -1]
  private var first = 0

  init(axis: BilinearAxis, width: Int) {
    self.axis = axis
    self.width = width
    blended = [Float](repeating: 0, count: 3 * width)
    storage = [blended, blended]
  }

  mutating func load(
    _ upper: Int, _ lower: Int, of pixels: UnsafeBufferPointer<UInt8>, width sourceWidth: Int
  ) {
    if source[first] != upper {
      if source[1 - first] == upper { first = 1 - first } else { resample(upper, into: first) }
    }
    if source[1 - first] != lower { resample(lower, into: 1 - first) }

    func resample(_ row: Int, into slot: Int) {
      source[slot] = row
      let line = UnsafeBufferPointer(
        rebasing: pixels[3 * row * sourceWidth..<3 * (row + 1) * sourceWidth])
      storage[slot].withUnsafeMutableBufferPointer { out in
        axis.positions.withUnsafeBufferPointer { positions in
          axis.weights.withUnsafeBufferPointer { weights in
            for x in 0..<width {
              let a = 3 * Int(positions[2 * x])
              let b = 3 * Int(positions[2 * x + 1])
              let u = weights[2 * x]
              let v = weights[2 * x + 1]
              out[x] = u * Float(line[a]) + v * Float(line[b])
              out[width + x] = u * Float(line[a + 1]) + v * Float(line[b + 1])
              out[2 * width + x] = u * Float(line[a + 2]) + v * Float(line[b + 2])
            }
          }
        }
      }
    }
  }

  mutating func blend(
    _ upper: Float, _ lower: Float, _ distortion: ColorDistortion,
    into line: UnsafeMutableBufferPointer<Float>
  ) {
    let u = upper / 255
    let v = lower / 255
    let width = width
    blended.withUnsafeMutableBufferPointer { out in
      storage[first].withUnsafeBufferPointer { a in
        storage[1 - first].withUnsafeBufferPointer { b in
          for i in 0..<3 * width { out[i] = u * a[i] + v * b[i] }
        }
      }
      let red = UnsafeMutableBufferPointer(rebasing: out[..<width])
      let green = UnsafeMutableBufferPointer(rebasing: out[width..<2 * width])
      let blue = UnsafeMutableBufferPointer(rebasing: out[(2 * width)...])
      if !distortion.isIdentity { distortion.apply(red, green, blue) }
      for x in 0..<width {
        line[3 * x] = red[x]
        line[3 * x + 1] = green[x]
        line[3 * x + 2] = blue[x]
      }
    }
  }
}
