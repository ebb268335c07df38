package import Detection
package import Geometry
package import Images
package import Uncertainty

/// The surroundings of a detection in a photo, with its box and the annotated ones.
package struct DetectionCrop: Sendable {
  private let photo: Image
  private let detection: Detection
  private let objects: [GroundTruth]
  private let left: Int
  private let top: Int
  private let width: Int
  private let height: Int
  private let view: (width: Int, height: Int)

  /// The colour of the detection's box.
  package static let detectionColor = Color(hex: 0xFF8700)
  /// The colour of annotated boxes.
  package static let objectColor = Color(hex: 0x00B4FF)

  /// The part of the photo that holds the detection and the object it overlaps, with a margin of half
  /// their size.
  ///
  /// - Parameters:
  ///   - photo: The whole image.
  ///   - detection: Its box in pixels of the photo.
  ///   - objects: All annotated objects; those that reach into the part are drawn.
  ///   - object: Index of the one that must be inside it.
  ///   - sides: The longer side of the pictures, pixels: larger parts are reduced, smaller enlarged.
  package init(
    photo: Image, detection: Detection, objects: [GroundTruth], object: Int? = nil,
    sides: ClosedRange<Int> = 220...360
  ) {
    self.photo = photo
    self.detection = detection
    self.objects = objects
    var box = detection.box
    if let object {
      let other = objects[object].box
      box = Box(
        left: min(box.left, other.left), top: min(box.top, other.top),
        right: max(box.right, other.right), bottom: max(box.bottom, other.bottom))
    }
    let margin = max(max(box.width, box.height) / 2, 12)
    func range(_ low: Float, _ high: Float, _ limit: Int) -> (start: Int, count: Int) {
      let first = Int(min(max((low - margin).rounded(.down), 0), Float(limit - 1)))
      let last = Int(min(max((high + margin).rounded(.up), 0), Float(limit)))
      return (first, max(last - first, 1))
    }
    (left, width) = range(box.left, box.right, photo.width)
    (top, height) = range(box.top, box.bottom, photo.height)
    let side = max(width, height)
    let wanted = min(max(side, sides.lowerBound), sides.upperBound)
    view = (
      max((width * wanted + side / 2) / side, 1), max((height * wanted + side / 2) / side, 1)
    )
  }

  /// The part of the photo with the boxes.
  package func picture() -> Image { withBoxes(part(of: photo)) }

  /// The part of the photo in shades of grey under the map, with the boxes.
  ///
  /// - Parameters:
  ///   - maps: One a head, of the same kind; maxima over anchors and heads are shown.
  ///   - placement: Where the photo lay in the network's input.
  ///   - opacity: Of the map, 0...1.
  /// - Returns: A picture of the size of ``picture()``.
  package func overlay(
    _ maps: [UncertaintyMap], placement: ImagePlacement, opacity: Double = 0.6
  ) -> Image {
    let grid = ValueGrid.combined(maps.map { $0.reduced(by: .max) }, by: .max)
    let colors = HeatMap(range: maps[0].kind.range())
    return withBoxes(
      part(of: colors.overlay(of: grid, placement: placement, on: photo, opacity: opacity)))
  }

  private func part(of image: Image) -> Image {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * width * height)
    for row in top..<top + height {
      let start = 3 * (row * image.width + left)
      pixels += image.pixels[start..<start + 3 * width]
    }
    return Image(width: width, height: height, pixels: pixels)
      .resized(width: view.width, height: view.height)
  }

  private func withBoxes(_ image: Image) -> Image {
    var canvas = Canvas(image)
    let boxes =
      objects.map { ($0.box, Self.objectColor) } + [(detection.box, Self.detectionColor)]
    let scale = Float(view.width) / Float(width)
    for (box, color) in boxes {
      let placed = box.transformed(
        scaleX: scale, scaleY: scale, offsetX: -Float(left) * scale, offsetY: -Float(top) * scale)
      guard placed.right > 0, placed.bottom > 0, placed.left < Float(view.width),
        placed.top < Float(view.height)
      else { continue }
      // What lies outside is not drawn along the border: the object goes on there.
      let frame = Box(
        left: placed.left - 1, top: placed.top - 1, right: placed.right + 1,
        bottom: placed.bottom + 1)
      let thickness = color == Self.detectionColor ? 3 : 2
      canvas.outline(frame, .black, thickness: thickness + 2, alpha: 0.45)
      canvas.outline(placed, color, thickness: thickness)
    }
    return canvas.image
  }
}
