package import Detection
import Foundation
package import Geometry
package import Images
package import Uncertainty

/// The surroundings of a detection in a photo, with its box and the annotated ones.
package struct DetectionCrop: Sendable {
  private let photo: Image
  private let detections: [Detection]
  private let objects: [GroundTruth]
  /// The object that is spoken of where not all are alike.
  private var chosen: Int?
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
    var box = detection.box
    if let object {
      let other = objects[object].box
      box = Box(
        left: min(box.left, other.left), top: min(box.top, other.top),
        right: max(box.right, other.right), bottom: max(box.bottom, other.bottom))
    }
    self.init(photo, [detection], objects, around: box, sides)
  }

  /// The part of the photo that holds an object, with a margin of half its size.
  ///
  /// - Parameters:
  ///   - photo: The whole image.
  ///   - object: Index of the object.
  ///   - objects: All annotated objects; those that reach into the part are drawn.
  ///   - detections: Detections of the image; likewise.
  package init(photo: Image, object: Int, objects: [GroundTruth], detections: [Detection]) {
    self.init(photo, detections, objects, around: objects[object].box, 220...360)
    chosen = object
  }

  private init(
    _ photo: Image, _ detections: [Detection], _ objects: [GroundTruth], around box: Box,
    _ sides: ClosedRange<Int>
  ) {
    self.photo = photo
    self.detections = detections
    self.objects = objects
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

  /// ``overlay(_:placement:opacity:)`` beside the scale of its colours; a ring marks the middle of the first
  /// detection, where the anchor is that gave it, with what that anchor alone says.
  ///
  /// - Parameters:
  ///   - maps: As there, in bits.
  ///   - placement: As there.
  ///   - value: What the detection's own anchor says.
  /// - Returns: A picture that is wider than ``picture()`` by the scale.
  package func map(
    _ maps: [UncertaintyMap], placement: ImagePlacement, value: Float
  ) -> Image {
    let picture = overlay(maps, placement: placement)
    let font = StrokeFont(size: 16, weight: .bold)
    let bar = ColorBar(
      map: HeatMap(range: maps[0].kind.range()), unit: "bit", showsMissing: false,
      font: StrokeFont(size: 16))
    let height = max(picture.height, 120)
    var canvas = Canvas(width: picture.width + 8 + bar.width(height: height) + 4, height: height)
    canvas.draw(picture, x: 0, y: 0)
    if let own = detections.first?.box {
      let scale = Double(view.width) / Double(width)
      let middle = Point(
        (Double(own.centerX) - Double(left)) * scale, (Double(own.centerY) - Double(top)) * scale)
      canvas.ring(at: middle, radius: 7, .black, width: 4, alpha: 0.6)
      canvas.ring(at: middle, radius: 7, .white, width: 2)
      let text = String(format: "%.2f", value)
      let size = Canvas.labelSize(text, font: font)
      let x = min(max(middle.x - size.width / 2, 0), Double(picture.width) - size.width)
      let above = middle.y - 12 - size.height
      canvas.label(
        text, at: Point(x, above >= 0 ? above : middle.y + 12), font: font, background: .white)
    }
    bar.draw(on: &canvas, x: picture.width + 8, y: 0, height: height)
    return canvas.image
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
      objects.enumerated().map { index, object in
        (object.box, Self.objectColor, chosen == nil ? 2 : chosen == index ? 3 : 1)
      } + detections.map { ($0.box, Self.detectionColor, chosen == nil ? 3 : 1) }
    let scale = Float(view.width) / Float(width)
    for (box, color, thickness) in boxes {
      let placed = box.transformed(
        scaleX: scale, scaleY: scale, offsetX: -Float(left) * scale, offsetY: -Float(top) * scale)
      guard placed.right > 0, placed.bottom > 0, placed.left < Float(view.width),
        placed.top < Float(view.height)
      else { continue }
      // What lies outside is not drawn along the border: the object goes on there.
      let frame = Box(
        left: placed.left - 1, top: placed.top - 1, right: placed.right + 1,
        bottom: placed.bottom + 1)
      canvas.outline(frame, .black, thickness: thickness + 2, alpha: 0.45)
      canvas.outline(placed, color, thickness: thickness)
    }
    return canvas.image
  }
}
