package import Detection
import Foundation
import Geometry
package import Images

/// Draws detections with class and confidence on a photo.
package struct DetectionPicture: Sendable {
  /// Names of the class indices; an index without a name is shown as a number.
  package var classNames: [String]
  /// Thickness of the boxes in pixels; nil for one that suits the picture.
  package var thickness: Int?
  /// Height of the labels in pixels; nil for one that suits the picture.
  package var labelSize: Double?
  /// The colour of all boxes; nil: that of the class.
  package var color: Color?
  /// Whether labels say how confident a detection is.
  package var showsConfidence = true
  /// Whether labels also say how likely a detection is right and how well its box is expected to be placed,
  /// where that is known.
  package var showsTrust = false
  /// Whether bars of one standard deviation to either side show how far the edges of a box may be off, where that is
  /// known; see ``EdgeBars``.
  package var showsEdges = false

  /// A painter for detections of these classes.
  package init(classNames: [String], thickness: Int? = nil, labelSize: Double? = nil) {
    self.classNames = classNames
    self.thickness = thickness
    self.labelSize = labelSize
  }

  /// The picture with boxes; detections that are not finite are left out.
  ///
  /// Colours follow the class. More confident detections lie on top, and labels on all boxes; a
  /// label stays inside the picture and avoids the others where it can.
  ///
  /// - Parameters:
  ///   - detections: Boxes in pixels of `image`, any order.
  ///   - image: The photo.
  /// - Returns: A picture of the same size.
  package func drawing(_ detections: [Detection], on image: Image) -> Image {
    var canvas = Canvas(image)
    let ranked = detections.enumerated()
      .filter { item in
        let box = item.element.box
        return [box.left, box.top, box.right, box.bottom].allSatisfy(\.isFinite)
          && item.element.confidence.isFinite
      }
      .sorted {
        $0.element.confidence != $1.element.confidence
          ? $0.element.confidence > $1.element.confidence : $0.offset < $1.offset
      }
      .map(\.element)
    let side = Double(min(image.width, image.height))
    let thickness = thickness ?? Int(min(max((side / 150).rounded(), 1), 40))
    for detection in ranked.reversed() {
      let box = visible(detection.box, in: image)
      let frame = Box(
        left: box.left - 1, top: box.top - 1, right: box.right + 1, bottom: box.bottom + 1)
      // A thin dark rim keeps the box visible on ground of its own colour.
      canvas.outline(frame, .black, thickness: thickness + 2, alpha: 0.45)
      canvas.outline(box, color(of: detection), thickness: thickness)
    }
    let bars = EdgeBars(thickness: max(1, Float(thickness / 2)))
    for detection in ranked.reversed() where showsEdges {
      // A variance at its bound says nothing of the edge.
      guard let edges = detection.edges, edges.isValid, !edges.isBounded else { continue }
      bars.draw(
        edges, of: detection.box, visible: visible(detection.box, in: image), on: &canvas)
    }
    drawLabels(of: ranked, on: &canvas, thickness: Float(thickness))
    return canvas.image
  }

  /// The picture with boxes, first reduced to a cell of a sheet so that labels can be read there.
  package func drawing(
    _ detections: [Detection], on image: Image, in sheet: ContactSheet
  ) -> Image {
    let small = sheet.thumbnail(of: image)
    let (x, y) = (
      Float(small.width) / Float(image.width), Float(small.height) / Float(image.height)
    )
    return drawing(
      detections.map { detection in
        var detection = detection
        detection.box = detection.box.transformed(scaleX: x, scaleY: y)
        return detection
      }, on: small)
  }

  /// What a detection's label says: class, confidence and, where they are known, BALD, and what else is to be
  /// shown.
  func label(of detection: Detection) -> String {
    guard showsConfidence else { return name(of: detection) }
    let bald = detection.uncertainty.map { String(format: "  %.2f bit", $0.bald) } ?? ""
    let own = confidentName(of: detection) + bald
    guard showsTrust else { return own }
    let right = detection.probability.map { String(format: "  right %.2f", $0.right) } ?? ""
    let place = detection.expectedIoU.map { String(format: "  IoU %.2f", $0) } ?? ""
    return own + right + place
  }

  private func name(of detection: Detection) -> String {
    let index = detection.classIndex
    return classNames.indices.contains(index) ? classNames[index] : "class \(index)"
  }

  private func confidentName(of detection: Detection) -> String {
    let percent = Int((min(max(detection.confidence, 0), 1) * 100).rounded())
    return "\(name(of: detection)) \(percent)%"
  }

  /// The share of the picture's width that a label wider than its box may take before it becomes short: the
  /// less, the more of them there are.
  private static func widestLabel(among count: Int) -> Double {
    min(0.4, 0.8 / Double(max(count, 1)).squareRoot())
  }

  /// What a label says where there is so much room, pixels: all of it, BALD without its unit, or class and
  /// confidence alone.
  func label(of detection: Detection, fitting width: Double, size: Double) -> String {
    let full = label(of: detection)
    let font = StrokeFont(size: size, weight: .bold)
    guard showsConfidence, !showsTrust, font.width(of: full) > width else { return full }
    let plain = confidentName(of: detection)
    let bald = detection.uncertainty.map { String(format: " %.2f", $0.bald) } ?? ""
    return font.width(of: plain + bald) <= width ? plain + bald : plain
  }

  /// The box cut to the picture, so that sides outside it stay visible along the border.
  private func visible(_ box: Box, in image: Image) -> Box {
    box.clipped(width: Float(image.width), height: Float(image.height))
  }

  /// A label's height at which all of them together hide no more than an eighth of the picture, at least 12 pixels
  /// unless the usual one is smaller.
  private func uncrowded(_ usual: Double, _ labels: [String], on canvas: Canvas) -> Double {
    let font = StrokeFont(size: usual, weight: .bold)
    let hidden = labels.reduce(0.0) { sum, text in
      let size = Canvas.labelSize(text, font: font)
      return sum + Double(size.width) * Double(size.height)
    }
    let most = Double(canvas.width) * Double(canvas.height) / 8
    guard hidden > most else { return usual }
    return min(usual, max(12, (usual * (most / hidden).squareRoot()).rounded(.down)))
  }

  private func color(of detection: Detection) -> Color {
    color ?? Palette.photoColor(detection.classIndex)
  }

  private func drawLabels(
    of ranked: [Detection], on canvas: inout Canvas, thickness: Float
  ) {
    let side = Double(min(canvas.width, canvas.height))
    let usual = min(max((side / 21).rounded(), 14), 160)
    let widest = Self.widestLabel(among: ranked.count) * Double(canvas.width)
    let texts = ranked.map {
      label(of: $0, fitting: max(Double($0.box.width), widest), size: labelSize ?? usual)
    }
    let preferred = labelSize ?? uncrowded(usual, texts, on: canvas)
    var placement = LabelPlacement(width: canvas.width, height: canvas.height)
    // The most confident detection chooses its place first, and is drawn last.
    let places = zip(ranked, texts).map { detection, text in
      // A label wider than the picture shrinks, but not below what can be read.
      let fit = Double(canvas.width) / (Double(text.count) + 0.5) * 2
      let font = StrokeFont(size: max(min(preferred, fit.rounded(.down)), 10), weight: .bold)
      let size = Canvas.labelSize(text, font: font)
      let box = visible(detection.box, in: canvas.image)
      let corner = placement.place(
        width: Float(size.width), height: Float(size.height), box: box, thickness: thickness)
      return (text, font, corner, color(of: detection))
    }
    for (text, font, corner, color) in places.reversed() {
      canvas.label(text, at: corner, font: font, background: color)
    }
  }
}
