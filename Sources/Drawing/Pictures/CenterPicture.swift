import Foundation
import Geometry
package import Images
package import Keypoints

/// Draws found centres of objects on a photo: a circle for each, its score beside it, and how many there
/// are.
package struct CenterPicture: Sendable {
  /// What the objects are.
  package let layout: KeypointLayout
  /// Radius of the circles in pixels; nil for one that suits the picture.
  package var radius: Double?
  /// Whether circles have their score in per cent beside them, where there is room.
  package var showsScores = true
  /// Height of the count in pixels, scores are smaller; nil for one that suits the picture.
  package var labelSize: Double?

  private static let rim = Color(hex: 0x101010)
  /// Scores that would cover more of the picture are left out.
  private static let mostCovered = 0.04

  /// A painter for objects of these kinds.
  package init(layout: KeypointLayout) { self.layout = layout }

  /// The picture with circles in their kind's colour; what is not finite is left out.
  ///
  /// - Parameters:
  ///   - found: Centres in pixels of `image`; more certain ones lie on top.
  ///   - truth: The annotated centres in pixels of `image`, as white crosses; nil: none are drawn.
  ///   - image: The photo.
  /// - Returns: A picture of the same size.
  package func drawing(
    _ found: [FoundKeypoint], truth: KeypointTruth? = nil, on image: Image
  ) -> Image {
    var canvas = Canvas(image)
    let ranked = found.enumerated()
      .filter {
        $0.element.position.isFinite && $0.element.score.isFinite
          && layout.names.indices.contains($0.element.index)
      }
      .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element)
    let side = Double(min(image.width, image.height))
    let radius = radius ?? min(max(side / 40, 4), 40)
    let width = max(radius / 5, 1)
    for point in truth?.points ?? [] {
      canvas.cross(at: point.position, reach: radius * 0.6, Self.rim, width: width + 1.6)
      canvas.cross(at: point.position, reach: radius * 0.6, .white, width: width)
    }
    for keypoint in ranked.reversed() {
      let score = Double(min(max(keypoint.score, 0), 1))
      canvas.ring(at: keypoint.position, radius: radius, Self.rim, width: width + 1.6, alpha: 0.6)
      canvas.ring(
        at: keypoint.position, radius: radius, Palette.photoColor(keypoint.index), width: width,
        alpha: 0.5 + 0.5 * score)
    }
    let size = labelSize ?? PictureLabels.size(image)
    let scoreSize = max((size * 0.75).rounded(), 10)
    // Two digits are about as wide as they are high.
    let covered = Double(ranked.count) * scoreSize * scoreSize
    if showsScores, covered <= Self.mostCovered * Double(image.width * image.height) {
      drawScores(ranked, on: &canvas, radius: radius, size: scoreSize)
    }
    PictureLabels.count(count(of: ranked), on: &canvas, size: size)
    return canvas.image
  }

  /// How many there are of each kind, in the order of the kinds.
  func count(of found: [FoundKeypoint]) -> String {
    layout.names.enumerated().map { index, name in
      "\(found.count { $0.index == index }) \(name)"
    }.joined(separator: ", ")
  }

  private func drawScores(
    _ ranked: [FoundKeypoint], on canvas: inout Canvas, radius: Double, size: Double
  ) {
    var placement = LabelPlacement(width: canvas.width, height: canvas.height)
    let font = StrokeFont(size: size, weight: .bold)
    for keypoint in ranked {
      let text = "\(Int((100 * min(max(keypoint.score, 0), 1)).rounded()))"
      let label = Canvas.labelSize(text, font: font)
      let (x, y) = (Float(keypoint.position.x), Float(keypoint.position.y))
      let reach = Float(radius * 0.8)
      // Right of the circle first: its own corner is no place, others' centres are there.
      let corner = placement.place(
        width: Float(label.width), height: Float(label.height),
        box: Box(left: x + reach, top: y - reach, right: x - reach, bottom: y + reach),
        thickness: 0)
      canvas.label(
        text, at: corner, font: font, background: Palette.photoColor(keypoint.index))
    }
  }
}
