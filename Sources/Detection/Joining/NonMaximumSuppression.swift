import Foundation
import Geometry

/// What of two boxes is compared with the threshold of suppression.
package enum SuppressionMeasure: Hashable, Sendable {
  /// IoU.
  case overlap
  /// IoU − (ρ² / c²)ᵝ with ρ the distance of the centres and c the diagonal of the smallest box around
  /// both: DIoU-NMS (Zheng et al., arXiv 1911.08287), which has β = 1; β ≥ 0.
  case distance(exponent: Float)

  func callAsFunction(_ a: Box, _ b: Box) -> Float {
    let overlap = a.intersectionOverUnion(with: b)
    guard case .distance(let exponent) = self else { return overlap }
    let (x, y) = (a.centerX - b.centerX, a.centerY - b.centerY)
    let width = max(a.right, b.right) - min(a.left, b.left)
    let height = max(a.bottom, b.bottom) - min(a.top, b.top)
    let diagonal = width * width + height * height
    return diagonal > 0 ? overlap - pow((x * x + y * y) / diagonal, exponent) : overlap
  }
}

/// Removes detections that repeat a more confident one.
package enum NonMaximumSuppression {
  /// Greedy suppression within each class.
  ///
  /// From the most confident detection down, a detection is dropped if its measure with a kept one of
  /// its class exceeds the threshold (one equal to it is kept, as in Darknet). Equal confidences keep
  /// their order.
  ///
  /// - Parameters:
  ///   - detections: Any order; boxes in one unit.
  ///   - threshold: The largest measure that two kept detections of a class may have, 0...1.
  ///   - measure: What is compared.
  /// - Returns: The kept detections of all classes by falling confidence.
  package static func suppressed(
    _ detections: [Detection], threshold: Float, measure: SuppressionMeasure = .overlap
  ) -> [Detection] {
    let order = detections.indices.sorted {
      let (first, second) = (detections[$0].confidence, detections[$1].confidence)
      return first != second ? first > second : $0 < $1
    }
    var kept: [Detection] = []
    var boxes: [Int: [Box]] = [:]
    for index in order {
      let detection = detections[index]
      let rivals = boxes[detection.classIndex] ?? []
      if rivals.contains(where: { measure($0, detection.box) > threshold }) { continue }
      boxes[detection.classIndex, default: []].append(detection.box)
      kept.append(detection)
    }
    return kept
  }
}
