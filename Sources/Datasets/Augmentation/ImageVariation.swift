package import Geometry
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

  /// What brings the picture into the input.
  package var sampler: ImageSampler {
    ImageSampler(
      columns: crop.x..<crop.x + crop.width, rows: crop.y..<crop.y + crop.height, target: target,
      mirrored: isMirrored, fill: fill, distortion: distortion)
  }

  /// Where a place of the picture, in its pixels, lies in the input, as fractions of it.
  ///
  /// Outside 0...1, or of what is shown of the picture, the place cannot be seen.
  package func toInput(_ point: Point) -> Point {
    Point(Double(horizontal(Float(point.x))), Double(vertical(Float(point.y))))
  }

  /// The part of a box, in pixels of the picture, that is shown, as fractions of the input.
  package func toInput(_ box: Box) -> Box {
    let left = Float(max(0, crop.x))
    let top = Float(max(0, crop.y))
    let right = Float(min(imageWidth, crop.x + crop.width))
    let bottom = Float(min(imageHeight, crop.y + crop.height))
    // The edge on the left comes to lie on the right in a mirrored input.
    let sides = [box.left, box.right].map { horizontal(min(max($0, left), right)) }
    return Box(
      left: sides[isMirrored ? 1 : 0], top: vertical(min(max(box.top, top), bottom)),
      right: sides[isMirrored ? 0 : 1], bottom: vertical(min(max(box.bottom, top), bottom))
    ).clipped(width: 1, height: 1)
  }

  private func horizontal(_ x: Float) -> Float {
    let scale = Float(target.width) / Float(crop.width * inputWidth)
    let moved = x * scale + (Float(target.x) / Float(inputWidth) - Float(crop.x) * scale)
    return isMirrored ? 1 - moved : moved
  }

  private func vertical(_ y: Float) -> Float {
    let scale = Float(target.height) / Float(crop.height * inputHeight)
    return y * scale + (Float(target.y) / Float(inputHeight) - Float(crop.y) * scale)
  }
}
