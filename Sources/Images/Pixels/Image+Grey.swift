extension Image {
  /// The picture without its colours: red, green and blue are each the luma of ITU-R BT.601, with the
  /// weights and the rounding of OpenCV's conversion to grey.
  package var grey: Image {
    var result = self
    result.pixels.withUnsafeMutableBufferPointer { pixels in
      for i in stride(from: 0, to: pixels.count, by: 3) {
        let sum = 9798 * Int(pixels[i]) + 19235 * Int(pixels[i + 1]) + 3735 * Int(pixels[i + 2])
        let luma = UInt8((sum + 16384) >> 15)
        pixels[i] = luma
        pixels[i + 1] = luma
        pixels[i + 2] = luma
      }
    }
    return result
  }
}
