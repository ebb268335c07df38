package import Geometry

/// Fills a network input with what an affine map shows of a picture: rotation, aspect, size and shift
/// in one pass.
///
/// Values are bilinear between the centres of the picture's pixels, 0...1; what lies outside counts
/// as 0, as in Darknet. (Darknet takes the corner of a pixel for its place; here it is the centre, as
/// everywhere else.)
package struct AffineSampler: PictureSampler {
  /// From the input, in its pixels, to the picture, in its pixels; pixel (0, 0) is 0 ..< 1 wide and high.
  package var map: AffineMap
  /// Applied to every pixel of the input.
  package var distortion: ColorDistortion

  /// Made of its parts.
  package init(map: AffineMap, distortion: ColorDistortion = ColorDistortion()) {
    self.map = map
    self.distortion = distortion
  }

  /// As ``PictureSampler`` says.
  package func renderColors(
    _ image: Image, width: Int, height: Int, window: PixelRectangle,
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    var line = [SIMD4<Float>](repeating: .zero, count: window.width)
    var planes = [Float](repeating: 0, count: 3 * window.width)
    image.pixels.withUnsafeBufferPointer { pixels in
      // Inside of these all four neighbours are there.
      let (right, bottom) = (Double(image.width - 1), Double(image.height - 1))
      for row in 0..<window.height {
        let y = Double(window.y + row) + 0.5
        // As the map computes it, term by term.
        let (fromRowX, fromRowY) = (map.b * y, map.e * y)
        for column in 0..<window.width {
          let x = Double(window.x + column) + 0.5
          let placeX = map.a * x + fromRowX + map.c - 0.5
          let placeY = map.d * x + fromRowY + map.f - 0.5
          line[column] =
            placeX >= 0 && placeY >= 0 && placeX < right && placeY < bottom
            ? inner(pixels, width: image.width, x: placeX, y: placeY)
            : value(of: image, pixels, x: placeX, y: placeY)
        }
        let out = UnsafeMutableBufferPointer(
          rebasing: output[3 * row * window.width..<3 * (row + 1) * window.width])
        write(line, &planes, into: out)
      }
    }
  }

  /// The picture at a place all of whose neighbours are in it, in units of bytes.
  @inline(__always)
  private func inner(
    _ pixels: UnsafeBufferPointer<UInt8>, width: Int, x: Double, y: Double
  ) -> SIMD4<Float> {
    let (left, top) = (Int(x), Int(y))
    let (u, v) = (Float(x - Double(left)), Float(y - Double(top)))
    func pixel(_ i: Int) -> SIMD4<Float> {
      SIMD4(Float(pixels[i]), Float(pixels[i + 1]), Float(pixels[i + 2]), 0)
    }
    let first = 3 * (top * width + left)
    let second = first + 3 * width
    let above = (1 - u) * pixel(first) + u * pixel(first + 3)
    let below = (1 - u) * pixel(second) + u * pixel(second + 3)
    return (1 - v) * above + v * below
  }

  /// The picture at a place, in units of bytes.
  private func value(
    of image: Image, _ pixels: UnsafeBufferPointer<UInt8>, x: Double, y: Double
  ) -> SIMD4<Float> {
    guard x > -1, y > -1, x < Double(image.width), y < Double(image.height) else { return .zero }
    let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
    let (u, v) = (Float(x - Double(left)), Float(y - Double(top)))
    func pixel(_ x: Int, _ y: Int) -> SIMD4<Float> {
      guard x >= 0, y >= 0, x < image.width, y < image.height else { return .zero }
      let i = 3 * (y * image.width + x)
      return SIMD4(Float(pixels[i]), Float(pixels[i + 1]), Float(pixels[i + 2]), 0)
    }
    let above = (1 - u) * pixel(left, top) + u * pixel(left + 1, top)
    let below = (1 - u) * pixel(left, top + 1) + u * pixel(left + 1, top + 1)
    return (1 - v) * above + v * below
  }

  private func write(
    _ line: [SIMD4<Float>], _ planes: inout [Float],
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    let width = line.count
    planes.withUnsafeMutableBufferPointer { planes in
      let red = UnsafeMutableBufferPointer(rebasing: planes[..<width])
      let green = UnsafeMutableBufferPointer(rebasing: planes[width..<2 * width])
      let blue = UnsafeMutableBufferPointer(rebasing: planes[(2 * width)...])
      for (x, pixel) in line.enumerated() {
        (red[x], green[x], blue[x]) = (pixel.x / 255, pixel.y / 255, pixel.z / 255)
      }
      if !distortion.isIdentity { distortion.apply(red, green, blue) }
      for x in 0..<width {
        (output[3 * x], output[3 * x + 1], output[3 * x + 2]) = (red[x], green[x], blue[x])
      }
    }
  }
}
