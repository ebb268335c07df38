import Foundation
package import Geometry

extension NonMaximumSuppression {
  /// Where 1 − IoU has halved its say and more: the variance of the closeness, as in the paper.
  private static let closeness: Float = 0.02

  /// Detections whose edges are the means of those that suppression merged, each weighted by its variance.
  ///
  /// Variance voting (He and others, arXiv 1809.08545):
  ///
  ///     edge = Σ wᵢ edgeᵢ / σᵢ² / Σ wᵢ / σᵢ²,   wᵢ = exp(−(1 − IoUᵢ)² / 0.02)
  ///
  /// over the detection itself and the boxes of its class whose measure with it exceeds the threshold. A detection
  /// without ``Detection/edges`` stays as it is, and boxes without have no say; variances count as at least 10⁻¹² of
  /// the unit's square.
  ///
  /// - Parameters:
  ///   - kept: Detections that were kept, any order.
  ///   - all: The boxes before suppression, in the unit of `kept`.
  ///   - threshold: As of ``suppressed(_:threshold:measure:)``.
  ///   - measure: What is compared.
  /// - Returns: `kept`, in its order.
  package static func withVotedBoxes(
    _ kept: [Detection], among all: [Detection], threshold: Float,
    measure: SuppressionMeasure = .overlap
  ) -> [Detection] {
    let rivals = Dictionary(grouping: all, by: \.classIndex)
    return kept.map { detection in
      guard detection.edges != nil else { return detection }
      var sums = [Double](repeating: 0, count: 4)
      var weights = sums
      for other in rivals[detection.classIndex] ?? [] {
        guard let edges = other.edges, measure(other.box, detection.box) > threshold else {
          continue
        }
        let distance = 1 - other.box.intersectionOverUnion(with: detection.box)
        let say = Double(exp(-distance * distance / closeness))
        for (place, value) in other.box.edges.enumerated() {
          let variance = max(Double(edges.all[place]) * Double(edges.all[place]), 1e-12)
          sums[place] += say / variance * Double(value)
          weights[place] += say / variance
        }
      }
      var detection = detection
      let voted = zip(sums, weights).map { Float($0 / $1) }
      guard voted.allSatisfy(\.isFinite) else { return detection }
      detection.box = Box(left: voted[0], top: voted[1], right: voted[2], bottom: voted[3])
      return detection
    }
  }
}

extension Box {
  /// Left, top, right, bottom.
  package var edges: [Float] { [left, top, right, bottom] }
}
