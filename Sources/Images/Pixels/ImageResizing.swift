extension Image {
  /// The picture in another size, reduced without aliasing.
  ///
  /// Each output pixel is a mean of those around its centre, with weights that fall linearly to 0 at
  /// a distance of one pixel of the coarser of both pictures.
  package func resized(width: Int, height: Int) -> Image {
    if width == self.width && height == self.height { return self }
    let columns = ResizeWeights(count: width, sourceCount: self.width)
    let rows = ResizeWeights(count: height, sourceCount: self.height)
    var lines = [Float](repeating: 0, count: 3 * width * self.height)
    pixels.withUnsafeBufferPointer { pixels in
      lines.withUnsafeMutableBufferPointer { lines in
        for y in 0..<self.height {
          let row = 3 * y * self.width
          for x in 0..<width {
            var (red, green, blue): (Float, Float, Float) = (0, 0, 0)
            for (index, weight) in columns.weights(x) {
              red += weight * Float(pixels[row + 3 * index])
              green += weight * Float(pixels[row + 3 * index + 1])
              blue += weight * Float(pixels[row + 3 * index + 2])
            }
            let target = 3 * (y * width + x)
            lines[target] = red
            lines[target + 1] = green
            lines[target + 2] = blue
          }
        }
      }
    }
    var result = [UInt8](repeating: 0, count: 3 * width * height)
    var line = [Float](repeating: 0, count: 3 * width)
    for y in 0..<height {
      for i in line.indices { line[i] = 0 }
      for (index, weight) in rows.weights(y) {
        let start = 3 * width * index
        for i in line.indices { line[i] += weight * lines[start + i] }
      }
      for i in line.indices {
        result[3 * width * y + i] = UInt8(min(max(line[i].rounded(), 0), 255))
      }
    }
    return Image(width: width, height: height, pixels: result)
  }
}

/// Which source positions make an output position along one axis, and with what weights.
private struct ResizeWeights {
  private var starts: [Int] = []
  private var factors: [[Float]] = []

  init(count: Int, sourceCount: Int) {
    let ratio = Double(sourceCount) / Double(count)
    let reach = max(ratio, 1)
    for output in 0..<count {
      let center = (Double(output) + 0.5) * ratio
      let first = max(Int((center - reach).rounded(.down)), 0)
      let last = min(Int((center + reach).rounded(.up)), sourceCount)
      let raw = (first..<last).map { max(0, 1 - abs(Double($0) + 0.5 - center) / reach) }
      let sum = raw.reduce(0, +)
      starts.append(first)
      factors.append(raw.map { Float($0 / sum) })
    }
  }

  func weights(_ output: Int) -> some Sequence<(Int, Float)> {
    zip(starts[output]..., factors[output])
  }
}
