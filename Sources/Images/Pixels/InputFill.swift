package import Compute

extension Image {
  /// Resizes the picture into one image of a network input, values 0...1.
  ///
  /// Bilinear with half-pixel centres and no antialiasing (as cv2.INTER_LINEAR), edges repeated.
  /// Stretching: scaled size = input size, offset 0. Letterbox: both sides by the smaller factor.
  ///
  /// - Parameters:
  ///   - input: [N, H, W, 3].
  ///   - index: Which of the N images to overwrite.
  ///   - scaledWidth: Columns that the picture takes.
  ///   - scaledHeight: Rows that the picture takes.
  ///   - offsetX: Columns left of it.
  ///   - offsetY: Rows above it.
  ///   - fill: Value of the pixels around it.
  package func fill(
    _ input: Tensor, index: Int, scaledWidth: Int, scaledHeight: Int, offsetX: Int, offsetY: Int,
    fill: Float = 0
  ) {
    let shape = input.shape
    precondition(
      shape.channels == 3 && index >= 0 && index < shape.batch, "image \(index) of \(shape)")
    let target = PixelRectangle(
      x: offsetX, y: offsetY, width: scaledWidth, height: scaledHeight)
    let sampler = ImageSampler(
      columns: 0..<width, rows: 0..<height, target: target, fill: fill)
    input.withMutableHostValues { values in
      let start = index * shape.countPerImage
      sampler.render(
        self, width: shape.width, height: shape.height,
        into: UnsafeMutableBufferPointer(rebasing: values[start..<start + shape.countPerImage]))
    }
  }
}
