import Foundation

/// Boxes as other formats write them; VOC's rule is in ``Box`` itself.
extension Box {
  /// A box from COCO's `[left, top, width, height]` in pixels; nil unless these are four numbers whose
  /// sums are finite.
  package init?(coco values: [Double]) {
    guard values.count == 4 else { return nil }
    let edges = [values[0], values[1], values[0] + values[2], values[1] + values[3]]
      .map { Float($0) }
    guard edges.allSatisfy(\.isFinite) else { return nil }
    self.init(left: edges[0], top: edges[1], right: edges[2], bottom: edges[3])
  }

  /// A box from YOLO's centre x, centre y, width and height, as shares of an image.
  ///
  /// - Parameters:
  ///   - shares: At least the four numbers.
  ///   - size: The image's size.
  package init(yolo shares: [Double], in size: PixelSize) {
    let width = Double(size.width)
    let height = Double(size.height)
    self.init(
      left: Float((shares[0] - shares[2] / 2) * width),
      top: Float((shares[1] - shares[3] / 2) * height),
      right: Float((shares[0] + shares[2] / 2) * width),
      bottom: Float((shares[1] + shares[3] / 2) * height))
  }

  /// What is wrong with a box that ends before it begins; nil for others, also for those without
  /// area, which rounding makes.
  package var sizeProblem: String? {
    guard right < left || bottom < top else { return nil }
    return String(
      format: "a box of %g x %g pixels: width and height may not be negative", width, height)
  }

  /// How many pixels the box reaches beyond the image's edge that it passes farthest; negative
  /// inside.
  package func reach(beyond size: PixelSize) -> Float {
    max(-left, -top, right - Float(size.width), bottom - Float(size.height))
  }
}
