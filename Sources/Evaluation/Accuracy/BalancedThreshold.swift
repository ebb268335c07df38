/// The confidence from which on detections balance precision and recall best.
///
/// All classes are counted together: F1 = 2 TP / (2 TP + FP + FN) is largest there; of equal ones the
/// largest confidence.
package struct BalancedThreshold: Hashable, Sendable {
  /// Detections with at least this confidence are kept.
  package let confidence: Float
  /// The share of right ones among the kept, 0...1.
  package let precision: Double
  /// The share of objects that are found, 0...1.
  package let recall: Double
  /// Their harmonic mean, 0...1.
  package let f1: Double

  /// The best threshold; nil if no detection is right.
  package init?(_ matched: MatchedDetections) {
    let objects = matched.classes.reduce(0) { $0 + $1.objectImages.count }
    let ranked = matched.pooled.sorted { $0.confidence > $1.confidence }
    var best: (index: Int, right: Int, f1: Double)?
    var right = 0
    for (index, match) in ranked.enumerated() {
      if !match.isWrong { right += 1 }
      // Equal confidences are kept or dropped together.
      if index + 1 < ranked.count, ranked[index + 1].confidence == match.confidence { continue }
      let f1 = 2 * Double(right) / Double(index + 1 + objects)
      if f1 > best?.f1 ?? 0 { best = (index, right, f1) }
    }
    guard let best else { return nil }
    confidence = ranked[best.index].confidence
    precision = Double(best.right) / Double(best.index + 1)
    recall = Double(best.right) / Double(objects)
    f1 = best.f1
  }
}
