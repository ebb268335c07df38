import Foundation

/// When an anchor's objectness is right: it is on the side of τ that the target asks for.
package struct ObjectnessCorrectness: Hashable, Sendable {
  /// τ: an anchor is predicted positive where its objectness is above it; in 0..<1, not 0.
  package var threshold: Float = 0.5
  /// IoU from which a predicted positive is right, nil for any.
  package var minimumOverlap: Float?

  /// τ = ½, whatever the box.
  package init() {}

  /// Whether each anchor's objectness is on the target's side of τ; τ itself counts as negative.
  ///
  /// - Parameters:
  ///   - logits: z of the objectness.
  ///   - states: Targets; ignored anchors count as right.
  ///   - overlaps: IoU of each anchor's predicted box with its object, for ``minimumOverlap``.
  /// - Returns: One flag for each anchor.
  package func isCorrect(
    logits: [Float], states: [TargetAssignment.State], overlaps: [Float]? = nil
  ) -> [Bool] {
    precondition(threshold > 0 && threshold < 1, "an objectness threshold of \(threshold)")
    precondition(states.count == logits.count, "\(states.count) states")
    precondition(overlaps.map { $0.count == logits.count } ?? true, "counts of overlaps")
    precondition(minimumOverlap == nil || overlaps != nil, "a minimum overlap without overlaps")
    // Compared as logits, where nothing is rounded to 1/2.
    let level = log(threshold / (1 - threshold))
    return logits.indices.map { i in
      switch states[i] {
      case .ignored: true
      case .negative: logits[i] <= level
      case .positive:
        logits[i] > level && (minimumOverlap.map { (overlaps?[i] ?? 0) >= $0 } ?? true)
      }
    }
  }
}
