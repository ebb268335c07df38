import Files

/// How well each score told wrong detections from right ones, of images that a detector was not trained on.
package struct TellingScores: Hashable, Sendable, Codable {
  /// AUROC of wrong detections, 0...1, by ``UncertaintyScore``'s name.
  package private(set) var areas: [String: Double] = [:]

  /// The scores that the detections have; ``UncertaintyScore/probability`` is that of held-out detections.
  ///
  /// - Parameters:
  ///   - images: The images.
  ///   - classNames: Names of the class indices.
  ///   - matcher: What counts as right.
  ///   - scoreFloor: Detections of less confidence are left out.
  ///   - probability: AUROC of a fitted probability on detections that it was not fitted on; nil: unknown.
  /// - Throws: ``EvaluationError`` as an evaluation.
  package init(
    _ images: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher(), scoreFloor: Double = 0.05,
    probability: Double? = nil
  ) throws {
    let decisions = try MatchedDetections(images, classNames: classNames, matcher: matcher)
      .withConfidence(atLeast: scoreFloor).decisions(in: images)
    for score in UncertaintyScore.ofDetections where score != .probability {
      areas[score.rawValue] = ErrorDetection(decisions, score: score)?.areaUnderROC
    }
    areas[UncertaintyScore.probability.rawValue] = probability
  }

  /// AUROC of a score; nil if it is not known.
  package subscript(score: UncertaintyScore) -> Double? { areas[score.rawValue] }

  /// The one of some scores that told wrong detections best, of equal ones the first; nil if none is known.
  package func best(of scores: [UncertaintyScore]) -> UncertaintyScore? {
    var best: (score: UncertaintyScore, area: Double)?
    for score in scores {
      guard let area = self[score], area > best?.area ?? -1 else { continue }
      best = (score, area)
    }
    return best?.score
  }

  /// What some scores reached, for people: the best first.
  package func text(of scores: [UncertaintyScore]) -> String {
    let known = scores.filter { self[$0] != nil }.sorted { (self[$0] ?? 0) > (self[$1] ?? 0) }
    return known.map { "\($0.title) \(NumberText.percent(self[$0]))" }.joined(separator: ", ")
  }
}
