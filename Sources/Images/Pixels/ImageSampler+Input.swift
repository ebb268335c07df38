package import Compute
package import Geometry

extension PictureSampler {
  /// Overwrites one image of a network input, [N, H, W, 3] or
  /// [N, H, W, 1]: the only way from a picture to a tensor.
  package func render(_ image: Image, into input: Tensor, index: Int) {
    let shape = input.shape
    precondition(index >= 0 && index < shape.batch, "image \(index) of \(shape)")
    input.withMutableHostValues { values in
      let start = index * shape.countPerImage
      render(
        image, width: shape.width, height: shape.height, channels: shape.channels,
        into: UnsafeMutableBufferPointer(rebasing: values[start..<start + shape.countPerImage]))
    }
  }
}

extension ImageSampler {
  /// What a placement shows of a picture where it puts it, and the fill around it.
  package init(_ placement: ImagePlacement, fill: Float = 0) {
    self.init(
      columns: placement.source.x..<placement.source.x + placement.source.width,
      rows: placement.source.y..<placement.source.y + placement.source.height,
      target: PixelRectangle(placement), fill: fill)
  }
}

extension PixelRectangle {
  /// The pixels of the input that a placed picture takes.
  package init(_ placement: ImagePlacement) {
    self.init(
      x: placement.offsetX, y: placement.offsetY, width: placement.scaledWidth,
      height: placement.scaledHeight)
  }
}
