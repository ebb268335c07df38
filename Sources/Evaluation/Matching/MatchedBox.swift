import Geometry

/// A box as a matcher sees it: VOC's first and last pixel, both inside, the way from one to the other,
/// or COCO's edges.
///
/// Double, because VOC's development kit computes in Double: for whole pixels every result is then
/// the kit's, to the bit.
struct MatchedBox {
  let xMin: Double
  let yMin: Double
  let xMax: Double
  let yMax: Double
  /// In square pixels.
  let area: Double
  /// What is added to a difference of corners to make it a length.
  private let pixel: Double

  /// VOC's corners, xmin = left + 1 and xmax = right, without rounding to Float.
  init(_ box: Box, _ overlap: DetectionMatcher.Overlap) {
    pixel = overlap == .inclusivePixels ? 1 : 0
    xMin = Double(box.left) + 1
    yMin = Double(box.top) + 1
    xMax = Double(box.right)
    yMax = Double(box.bottom)
    area = (xMax - xMin + pixel) * (yMax - yMin + pixel)
  }

  /// COCO's continuous edges.
  init(edges box: Box) {
    pixel = 0
    xMin = Double(box.left)
    yMin = Double(box.top)
    xMax = Double(box.right)
    yMax = Double(box.bottom)
    area = (xMax - xMin) * (yMax - yMin)
  }

  /// IoU, 0...1, with a box that is seen in the same way; 0 unless something is shared.
  func overlap(with other: MatchedBox) -> Double {
    let intersection = intersection(with: other)
    return intersection > 0 ? intersection / (area + other.area - intersection) : 0
  }

  /// The part of this box inside another, 0...1.
  func share(inside other: MatchedBox) -> Double {
    let intersection = intersection(with: other)
    return intersection > 0 ? intersection / area : 0
  }

  private func intersection(with other: MatchedBox) -> Double {
    let width = min(xMax, other.xMax) - max(xMin, other.xMin) + pixel
    let height = min(yMax, other.yMax) - max(yMin, other.yMin) + pixel
    return width > 0 && height > 0 ? width * height : 0
  }
}
