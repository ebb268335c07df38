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
  /// What of the picture was asked for; nil: all of it.
  package var region: Box?
  /// Value of the input around it.
  package var fill: Float
  /// What is shown instead of ``crop`` and where: from the pixels of the input, before mirroring, to
  /// those of the picture; nil: ``crop`` at ``target``.
  package var view: AffineMap?
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
  package var sampler: any PictureSampler {
    if let view {
      return AffineSampler(
        map: isMirrored ? view.mirrored(width: Double(inputWidth)) : view, distortion: distortion)
    }
    return ImageSampler(
      columns: crop.x..<crop.x + crop.width, rows: crop.y..<crop.y + crop.height, target: target,
      mirrored: isMirrored, fill: fill, distortion: distortion)
  }

  /// Where a place of the picture, in its pixels, lies in the input, as fractions of it.
  ///
  /// Outside 0...1, or of what is shown of the picture, the place cannot be seen.
  package func toInput(_ point: Point) -> Point {
    guard let view else {
      return Point(Double(horizontal(Float(point.x))), Double(vertical(Float(point.y))))
    }
    guard let place = view.inverse?(point) else { return Point(-1, -1) }
    let x = place.x / Double(inputWidth)
    return Point(isMirrored ? 1 - x : x, place.y / Double(inputHeight))
  }

  /// The part of a box, in pixels of the picture, that is shown, as fractions of the input.
  ///
  /// Of a picture that is turned the part is that of the upright box around the turned one.
  package func toInput(_ box: Box) -> Box {
    if view != nil { return aroundTurned(box) }
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

  private func aroundTurned(_ box: Box) -> Box {
    let corners = [
      (box.left, box.top), (box.right, box.top), (box.left, box.bottom), (box.right, box.bottom),
    ].map { toInput(Point(Double($0.0), Double($0.1))) }
    let (x, y) = (corners.map { Float($0.x) }, corners.map { Float($0.y) })
    return Box(
      left: x.min() ?? 0, top: y.min() ?? 0, right: x.max() ?? 0, bottom: y.max() ?? 0
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
