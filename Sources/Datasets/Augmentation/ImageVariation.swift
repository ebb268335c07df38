package import Compute
package import Detection
import Geometry
package import Images

/// One concrete way to bring a picture and its boxes into a network input.
package struct ImageVariation: Hashable, Sendable {
  /// Pixels of the picture.
  package let imageWidth: Int
  /// Pixels of the picture.
  package let imageHeight: Int
  /// Pixels of the network input.
  package let inputWidth: Int
  /// Pixels of the network input.
  package let inputHeight: Int
  /// What of the picture is shown; outside the picture are zeros.
  package var crop: PixelRectangle
  /// Where in the input it is shown, before mirroring.
  package var target: PixelRectangle
  /// Value of the input around it.
  package var fill: Float
  /// Whether the input is mirrored left to right in the end.
  package var isMirrored = false
  /// The change of colours.
  package var distortion = ColorDistortion()
  /// Whether difficult objects stay.
  package var keepsDifficult = true
  /// Objects narrower or lower than this fraction of the input are dropped.
  package var minimumSide: Float = 0

  init(
    imageWidth: Int, imageHeight: Int, inputWidth: Int, inputHeight: Int, crop: PixelRectangle,
    target: PixelRectangle, fill: Float
  ) {
    self.imageWidth = imageWidth
    self.imageHeight = imageHeight
    self.inputWidth = inputWidth
    self.inputHeight = inputHeight
    self.crop = crop
    self.target = target
    self.fill = fill
  }

  /// Overwrites image `index` of `input`, [N, inputHeight, inputWidth, 3], values 0...1.
  package func render(_ image: Image, into input: Tensor, index: Int) {
    let shape = input.shape
    precondition(
      shape.width == inputWidth && shape.height == inputHeight && shape.channels == 3
        && index >= 0 && index < shape.batch, "image \(index) of \(shape)")
    input.withMutableHostValues { values in
      let start = index * shape.countPerImage
      render(
        image,
        into: UnsafeMutableBufferPointer(rebasing: values[start..<start + shape.countPerImage]))
    }
  }

  /// Overwrites `values`, [inputHeight, inputWidth, 3].
  func render(_ image: Image, into values: UnsafeMutableBufferPointer<Float>) {
    precondition(image.width == imageWidth && image.height == imageHeight, "another picture")
    let sampler = ImageSampler(
      columns: crop.x..<crop.x + crop.width, rows: crop.y..<crop.y + crop.height, target: target,
      mirrored: isMirrored, fill: fill, distortion: distortion)
    sampler.render(image, width: inputWidth, height: inputHeight, into: values)
  }

  /// The truths that remain, as fractions of the input.
  ///
  /// Boxes are clipped to what is shown of the picture; those with less than
  /// ``minimumSide`` of the input left on a side are dropped, and difficult ones unless
  /// ``keepsDifficult``.
  ///
  /// - Parameter truths: Boxes in pixels of the picture.
  /// - Returns: Boxes within 0...1, in the same order.
  package func transform(_ truths: [GroundTruth]) -> [GroundTruth] {
    truths.compactMap { truth in
      guard keepsDifficult || !truth.isDifficult else { return nil }
      var result = truth
      result.box = transform(truth.box)
      guard result.box.width > 0, result.box.height > 0, result.box.width >= minimumSide,
        result.box.height >= minimumSide
      else { return nil }
      return result
    }
  }

  private func transform(_ box: Box) -> Box {
    let left = Float(max(0, crop.x))
    let top = Float(max(0, crop.y))
    let right = Float(min(imageWidth, crop.x + crop.width))
    let bottom = Float(min(imageHeight, crop.y + crop.height))
    let shown = Box(
      left: min(max(box.left, left), right), top: min(max(box.top, top), bottom),
      right: min(max(box.right, left), right), bottom: min(max(box.bottom, top), bottom))
    let scaleX = Float(target.width) / Float(crop.width * inputWidth)
    let scaleY = Float(target.height) / Float(crop.height * inputHeight)
    let moved = shown.transformed(
      scaleX: scaleX, scaleY: scaleY,
      offsetX: Float(target.x) / Float(inputWidth) - Float(crop.x) * scaleX,
      offsetY: Float(target.y) / Float(inputHeight) - Float(crop.y) * scaleY
    ).clipped(width: 1, height: 1)
    guard isMirrored else { return moved }
    return Box(
      left: 1 - moved.right, top: moved.top, right: 1 - moved.left, bottom: moved.bottom)
  }
}
