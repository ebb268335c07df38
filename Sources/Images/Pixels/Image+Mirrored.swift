extension Image {
  /// The picture mirrored left to right: column x becomes column width − 1 − x.
  package var mirrored: Image {
    var result = self
    result.pixels.withUnsafeMutableBufferPointer { pixels in
      for row in 0..<height {
        var left = 3 * row * width
        var right = left + 3 * (width - 1)
        while left < right {
          for channel in 0..<3 { pixels.swapAt(left + channel, right + channel) }
          left += 3
          right -= 3
        }
      }
    }
    return result
  }
}
