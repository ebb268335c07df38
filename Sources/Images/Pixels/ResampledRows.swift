/// Two neighbouring source rows, already resampled along x: red, green, blue and a fourth value that
/// nothing reads, so that a pixel is a vector.
struct ResampledRows {
  private let axis: BilinearAxis
  private let width: Int
  private var storage: [[SIMD4<Float>]]
  /// Red, green and blue in planes, for the change of colours.
  private var planes: [Float]
  private var source = [-1, -1]
  private var first = 0

  /// - Parameters:
  ///   - axis: Which source columns make an output column.
  ///   - width: Output columns.
  init(axis: BilinearAxis, width: Int) {
    self.axis = axis
    self.width = width
    planes = [Float](repeating: 0, count: 3 * width)
    storage = [[SIMD4<Float>]](repeating: [SIMD4<Float>](repeating: .zero, count: width), count: 2)
  }

  /// Resamples two source rows, unless they are there from the call before.
  mutating func load(
    _ upper: Int, _ lower: Int, of pixels: UnsafeBufferPointer<UInt8>, width sourceWidth: Int
  ) {
    if source[first] != upper {
      if source[1 - first] == upper { first = 1 - first } else { resample(upper, into: first) }
    }
    if source[1 - first] != lower { resample(lower, into: 1 - first) }

    func resample(_ row: Int, into slot: Int) {
      source[slot] = row
      let start = 3 * row * sourceWidth
      let line = UnsafeRawBufferPointer(
        rebasing: UnsafeRawBufferPointer(pixels)[start..<start + 3 * sourceWidth])
      // A pixel is read with the byte after it, which the picture's last one has not.
      let last = start + 3 * sourceWidth == pixels.count ? 3 * (sourceWidth - 1) : .max
      storage[slot].withUnsafeMutableBufferPointer { out in
        axis.positions.withUnsafeBufferPointer { positions in
          axis.weights.withUnsafeBufferPointer { weights in
            guard let base = line.baseAddress else { return }
            for x in 0..<width {
              let a = 3 * Int(positions[2 * x])
              let b = 3 * Int(positions[2 * x + 1])
              out[x] =
                weights[2 * x] * Self.pixel(base, a, last: last)
                + weights[2 * x + 1] * Self.pixel(base, b, last: last)
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func pixel(
    _ line: UnsafeRawPointer, _ offset: Int, last: Int
  ) -> SIMD4<Float> {
    if offset == last {
      let bytes = line + offset
      return SIMD4(
        Float(bytes.load(as: UInt8.self)), Float(bytes.load(fromByteOffset: 1, as: UInt8.self)),
        Float(bytes.load(fromByteOffset: 2, as: UInt8.self)), 0)
    }
    let word = line.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    return SIMD4<Float>(unsafeBitCast(word, to: SIMD4<UInt8>.self))
  }

  /// One output row, 0...1: a mean of the two that were loaded, with its colours changed.
  mutating func blend(
    _ upper: Float, _ lower: Float, _ distortion: ColorDistortion,
    into line: UnsafeMutableBufferPointer<Float>
  ) {
    let u = upper / 255
    let v = lower / 255
    let width = width
    storage[first].withUnsafeBufferPointer { a in
      storage[1 - first].withUnsafeBufferPointer { b in
        guard !distortion.isIdentity else {
          for x in 0..<width {
            let pixel = u * a[x] + v * b[x]
            line[3 * x] = pixel.x
            line[3 * x + 1] = pixel.y
            line[3 * x + 2] = pixel.z
          }
          return
        }
        planes.withUnsafeMutableBufferPointer { planes in
          let red = UnsafeMutableBufferPointer(rebasing: planes[..<width])
          let green = UnsafeMutableBufferPointer(rebasing: planes[width..<2 * width])
          let blue = UnsafeMutableBufferPointer(rebasing: planes[(2 * width)...])
          for x in 0..<width {
            let pixel = u * a[x] + v * b[x]
            red[x] = pixel.x
            green[x] = pixel.y
            blue[x] = pixel.z
          }
          distortion.apply(red, green, blue)
          for x in 0..<width {
            line[3 * x] = red[x]
            line[3 * x + 1] = green[x]
            line[3 * x + 2] = blue[x]
          }
        }
      }
    }
  }
}
