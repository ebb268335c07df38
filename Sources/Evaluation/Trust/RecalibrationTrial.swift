import Detection
import Files

/// What a recalibration does to decisions that it was not fitted on.
package struct RecalibrationTrial: Sendable {
  /// The number of decisions that are judged.
  package let count: Int
  /// ECE before, 0...1.
  package let errorBefore: Double?
  /// ECE after, 0...1.
  package let errorAfter: Double?
  /// Negative log-likelihood in nats before.
  package let surpriseBefore: Double?
  /// Negative log-likelihood in nats after.
  package let surpriseAfter: Double?

  /// Fits to every part but one and applies to that one, for each of some parts of the images.
  ///
  /// The images are dealt out in turn, so neighbours of a sequence end up in different parts; for
  /// videos cut the data by hand. Counted are the detections that are at the floor or above before.
  ///
  /// - Parameters:
  ///   - images: Images held out from training.
  ///   - classNames: Names of the class indices.
  ///   - method: The family of maps.
  ///   - matcher: What counts as right.
  ///   - scoreFloor: Detections of less confidence are left out.
  ///   - parts: The number of parts, at least 2.
  /// - Throws: ``EvaluationError`` as the fit.
  package init(
    _ images: [EvaluatedImage], classNames: [String], method: RecalibrationMap.Method,
    matcher: DetectionMatcher = DetectionMatcher(), scoreFloor: Double = 0.05, parts: Int = 5
  ) throws {
    precondition(parts > 1, "one part cannot be held out")
    let kept = images.map { image in
      var image = image
      image.detections.removeAll { Double($0.confidence) < scoreFloor }
      return image
    }
    var after = kept
    for part in 0..<parts {
      let fitting = kept.indices.filter { $0 % parts != part }.map { kept[$0] }
      let held = kept.indices.filter { $0 % parts == part }
      if held.isEmpty { continue }
      let model = try RecalibrationModel(
        fitting: fitting, classNames: classNames, method: method, matcher: matcher,
        scoreFloor: scoreFloor)
      let applied = try model.applied(to: held.map { kept[$0] }, classNames: classNames)
      for (index, image) in zip(held, applied) { after[index] = image }
    }
    try self.init(
      from: kept, to: after, classNames: classNames, matcher: matcher, scoreFloor: scoreFloor)
  }

  /// Compares the same detections, those that were at the floor or above before.
  ///
  /// - Parameters:
  ///   - before: Images with the detector's own confidences, all in 0...1.
  ///   - after: The same images and detections in the same order with recalibrated ones.
  ///   - classNames: Names of the class indices.
  ///   - matcher: What counts as right.
  ///   - scoreFloor: Detections of less confidence before are left out.
  /// - Throws: ``EvaluationError`` as an evaluation.
  package init(
    from before: [EvaluatedImage], to after: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher(), scoreFloor: Double = 0.05
  ) throws {
    var both = [before, after]
    for index in before.indices {
      let kept = before[index].detections.indices.filter {
        Double(before[index].detections[$0].confidence) >= scoreFloor
      }
      for side in both.indices {
        both[side][index].detections = kept.map { both[side][index].detections[$0] }
      }
    }
    let decisions = try both.map {
      try MatchedDetections($0, classNames: classNames, matcher: matcher).decisions
    }
    self.init(from: decisions[0], to: decisions[1])
  }

  /// Fits to the decisions on all images but every `parts`-th and applies to those, in turn; nil if some
  /// part leaves too little to fit to.
  ///
  /// - Parameters:
  ///   - decisions: On images held out from training, with scores in 0...1.
  ///   - method: The family of maps.
  ///   - parts: The number of parts, at least 2.
  package init?(_ decisions: Decisions, method: RecalibrationMap.Method, parts: Int = 5) {
    precondition(parts > 1, "one part cannot be held out")
    var after: [Decision] = []
    var before: [Decision] = []
    for part in 0..<parts {
      let held = decisions.filtered { $0.image % parts == part }
      guard held.count > 0 else { continue }
      let fitting = decisions.filtered { $0.image % parts != part }
      guard let model = RecalibrationModel(fitting: fitting, imageIDs: [], method: method) else {
        return nil
      }
      before += held.entries
      after += model.applied(to: held).entries
    }
    func all(_ entries: [Decision]) -> Decisions {
      Decisions(
        entries, imageCount: decisions.imageCount, groupNames: decisions.groupNames,
        measures: decisions.measures)
    }
    self.init(from: all(before), to: all(after))
  }

  /// Compares the same decisions before and after, all scores being in 0...1.
  package init(from before: Decisions, to after: Decisions) {
    count = before.count
    errorBefore = CalibrationError(before).value
    errorAfter = CalibrationError(after).value
    surpriseBefore = ProbabilityScores(before).negativeLogLikelihood
    surpriseAfter = ProbabilityScores(after).negativeLogLikelihood
  }

  /// One line for people: ECE in per cent and NLL in nats, before and after.
  package var text: String {
    let errors = [errorBefore, errorAfter].map { NumberText.percent($0, digits: 2) + " %" }
    let surprises = [surpriseBefore, surpriseAfter].map { NumberText.decimal($0, digits: 3) }
    return "ECE \(errors.joined(separator: " -> ")), NLL"
      + " \(surprises.joined(separator: " -> "))"
  }
}
