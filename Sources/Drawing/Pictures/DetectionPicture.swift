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
      canvas.outline(box, Palette.photoColor(detection.classIndex), thickness: thickness)
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

  /// What a detection's label says: class, confidence and, where they are known, BALD, and what else is to be
  /// shown.
  func label(of detection: Detection) -> String {
    let index = detection.classIndex
    let name = classNames.indices.contains(index) ? classNames[index] : "class \(index)"
    guard showsConfidence else { return name }
    let percent = Int((min(max(detection.confidence, 0), 1) * 100).rounded())
    let bald = detection.uncertainty.map { String(format: "  %.2f bit", $0.bald) } ?? ""
    let own = "\(name) \(percent)%\(bald)"
    guard showsTrust else { return own }
    let right = detection.probability.map { String(format: "  right %.2f", $0.right) } ?? ""
    let place = detection.expectedIoU.map { String(format: "  IoU %.2f", $0) } ?? ""
    return own + right + place
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

  private func drawLabels(
    of ranked: [Detection], on canvas: inout Canvas, thickness: Float
  ) {
    let side = Double(min(canvas.width, canvas.height))
    let usual = min(max((side / 21).rounded(), 14), 160)
    let preferred = labelSize ?? uncrowded(usual, ranked.map(label), on: canvas)
    var placement = LabelPlacement(width: canvas.width, height: canvas.height)
    // The most confident detection chooses its place first, and is drawn last.
    let places = ranked.map { detection in
      let text = label(of: detection)
      // A label wider than the picture shrinks, but not below what can be read.
      let fit = Double(canvas.width) / (Double(text.count) + 0.5) * 2
      let font = StrokeFont(size: max(min(preferred, fit.rounded(.down)), 10), weight: .bold)
      let size = Canvas.labelSize(text, font: font)
      let box = visible(detection.box, in: canvas.image)
      let corner = placement.place(
        width: Float(size.width), height: Float(size.height), box: box, thickness: thickness)
      return (text, font, corner, Palette.photoColor(detection.classIndex))
    }
    for (text, font, corner, color) in places.reversed() {
      canvas.label(text, at: corner, font: font, background: color)
    }
  }
}
