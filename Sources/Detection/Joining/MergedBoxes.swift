import Geometry

/// What suppression merged into a detection: the less confident boxes of its class that overlap it by more than
/// the threshold.
///
/// A box may be merged into several detections, and what is merged depends on the confidence from which on boxes
/// are looked at.
package struct MergedBoxes: Hashable, Sendable, Codable {
  /// How many there are.
  package var count: Int
  /// The mean of 1 − IoU with the detection, 0...1; 0 without any.
  package var spread: Float
  /// The sum of their confidences.
  package var confidenceSum: Float

  /// Boxes that were merged.
  package init(count: Int, spread: Float, confidenceSum: Float) {
    self.count = count
    self.spread = spread
    self.confidenceSum = confidenceSum
  }

  /// Whether the numbers are such as boxes give.
  package var isValid: Bool {
    count >= 0 && (0...1).contains(spread) && confidenceSum >= 0 && confidenceSum.isFinite
  }
}

extension NonMaximumSuppression {
  /// Detections with what was merged into them; those that have it already stay.
  ///
  /// - Parameters:
  ///   - kept: Detections that were kept, any order.
  ///   - all: The boxes before suppression, in the unit of `kept`.
  ///   - threshold: As of ``suppressed(_:threshold:measure:)``.
  ///   - measure: What is compared.
  /// - Returns: `kept`, in its order.
  package static func withMerged(
    _ kept: [Detection], among all: [Detection], threshold: Float,
    measure: SuppressionMeasure = .overlap
  ) -> [Detection] {
    let rivals = Dictionary(grouping: all, by: \.classIndex)
    return kept.map { detection in
      guard detection.merged == nil else { return detection }
      var detection = detection
      var merged = MergedBoxes(count: 0, spread: 0, confidenceSum: 0)
      for other in rivals[detection.classIndex] ?? []
      where other.confidence < detection.confidence
        && measure(other.box, detection.box) > threshold
      {
        merged.count += 1
        merged.spread += 1 - other.box.intersectionOverUnion(with: detection.box)
        merged.confidenceSum += other.confidence
      }
      merged.spread /= Float(max(1, merged.count))
      detection.merged = merged
      return detection
    }
  }
}
