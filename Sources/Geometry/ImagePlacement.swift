/// Where an image lies in the network input, and the map of boxes between the two.
///
/// Letterbox: both sides are scaled by min(inputWidth / imageWidth, inputHeight / imageHeight) and
/// rounded to the nearest pixel (halves away from zero), at least 1; the image starts at
/// floor((input − scaled) / 2) and the rest is filled. Both directions use these integers, so a box
/// that is moved to the input and back returns to its place whatever the parity of the padding
/// (Darknet undoes its integer paste with a half pixel and is off by it).
///
/// Crop: of the image its middle alone is shown, ``source``, and fills the input; so does a region.
package struct ImagePlacement: Hashable, Sendable {
  /// Pixels of the image.
  package let imageWidth: Int
  /// Pixels of the image.
  package let imageHeight: Int
  /// Pixels of the network input.
  package let inputWidth: Int
  /// Pixels of the network input.
  package let inputHeight: Int
  /// What of the image is shown, in its pixels.
  package let source: PixelRectangle
  /// Width of what is shown inside the input, in pixels, 1...inputWidth.
  package let scaledWidth: Int
  /// Height of what is shown inside the input, in pixels, 1...inputHeight.
  package let scaledHeight: Int
  /// Empty columns left of the image.
  package let offsetX: Int
  /// Empty rows above the image.
  package let offsetY: Int

  /// The placement of an image of the given size, all sizes in pixels and positive.
  ///
  /// Of an image with a region, in its pixels, the smallest rectangle of the input's proportions around it
  /// fills the input, whatever the mode.
  package init(
    imageWidth: Int, imageHeight: Int, inputWidth: Int, inputHeight: Int, mode: ResizeMode,
    region: Box? = nil
  ) {
    precondition(
      imageWidth > 0 && imageHeight > 0 && inputWidth > 0 && inputHeight > 0, "empty image or input"
    )
    self.imageWidth = imageWidth
    self.imageHeight = imageHeight
    self.inputWidth = inputWidth
    self.inputHeight = inputHeight
    source =
      if let region {
        .around(region, proportionedAs: inputWidth, inputHeight)
      } else if mode == .crop {
        .center(
          ofWidth: imageWidth, height: imageHeight, proportionedAs: inputWidth, inputHeight)
      } else {
        PixelRectangle(x: 0, y: 0, width: imageWidth, height: imageHeight)
      }
    switch region == nil ? mode : .stretch {
    case .stretch, .crop:
      scaledWidth = inputWidth
      scaledHeight = inputHeight
    case .letterbox:
      let scale = min(
        Double(inputWidth) / Double(imageWidth), Double(inputHeight) / Double(imageHeight))
      scaledWidth = ImagePlacement.scaled(imageWidth, by: scale, limit: inputWidth)
      scaledHeight = ImagePlacement.scaled(imageHeight, by: scale, limit: inputHeight)
    }
    offsetX = (inputWidth - scaledWidth) / 2
    offsetY = (inputHeight - scaledHeight) / 2
  }

  /// A box in image pixels as fractions of the network input.
  package func toInput(_ box: Box) -> Box {
    let scaleX = Float(scaledWidth) / Float(source.width * inputWidth)
    let scaleY = Float(scaledHeight) / Float(source.height * inputHeight)
    return box.transformed(
      scaleX: scaleX, scaleY: scaleY,
      offsetX: Float(offsetX) / Float(inputWidth) - Float(source.x) * scaleX,
      offsetY: Float(offsetY) / Float(inputHeight) - Float(source.y) * scaleY)
  }

  /// A box in fractions of the network input as image pixels, not clipped to the image.
  package func toImage(_ box: Box) -> Box {
    let scaleX = Float(source.width) / Float(scaledWidth)
    let scaleY = Float(source.height) / Float(scaledHeight)
    return box.transformed(
      scaleX: Float(inputWidth) * scaleX, scaleY: Float(inputHeight) * scaleY,
      offsetX: Float(source.x) - Float(offsetX) * scaleX,
      offsetY: Float(source.y) - Float(offsetY) * scaleY)
  }

  /// A place in image pixels as fractions of the network input.
  package func toInput(_ point: Point) -> Point {
    Point(
      ((point.x - Double(source.x)) * scale.x + Double(offsetX)) / Double(inputWidth),
      ((point.y - Double(source.y)) * scale.y + Double(offsetY)) / Double(inputHeight))
  }

  /// A place in fractions of the network input as image pixels.
  package func toImage(_ point: Point) -> Point {
    Point(
      Double(source.x) + (point.x * Double(inputWidth) - Double(offsetX)) / scale.x,
      Double(source.y) + (point.y * Double(inputHeight) - Double(offsetY)) / scale.y)
  }

  /// Pixels of the input to a pixel of the image, to the right and down.
  package var scale: Point {
    Point(
      Double(scaledWidth) / Double(source.width), Double(scaledHeight) / Double(source.height))
  }

  private static func scaled(_ length: Int, by scale: Double, limit: Int) -> Int {
    min(max(Int((Double(length) * scale).rounded()), 1), limit)
  }
}
