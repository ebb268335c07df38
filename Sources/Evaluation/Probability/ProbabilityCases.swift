import Detection

/// Detections as a ``ProbabilityModel`` is fitted to them: their numbers, and what became of them.
struct ProbabilityCases {
  /// One detection.
  struct Entry {
    /// Index of the image.
    let image: Int
    /// The features' values.
    let values: [Double]
    /// Whether it found an object of its class that nothing more confident had found.
    let isRight: Bool
    /// Whether its box lies on an object of any class.
    let isPlaced: Bool
    /// Whether its box lies on one of its class.
    let hasClass: Bool
    /// Its IoU if it is right, otherwise 0.
    let quality: Double
  }

  /// What all detections have.
  let features: [ProbabilityFeature]
  /// The IoU that makes a detection right.
  let overlap: Double
  /// The confidence from which on there are detections.
  let scoreFloor: Double
  /// The detections, without those of difficult objects.
  private(set) var entries: [Entry]

  /// The detections of images from a confidence on.
  ///
  /// - Throws: ``EvaluationError/notCalibratable(_:)`` if a confidence is no probability; those of matching.
  init(
    _ images: [EvaluatedImage], classNames: [String], matcher: DetectionMatcher, scoreFloor: Double
  ) throws {
    let matched = try MatchedDetections(images, classNames: classNames, matcher: matcher)
      .withConfidence(atLeast: scoreFloor)
    guard matched.decisions.hasProbabilities else {
      throw EvaluationError.notCalibratable("a confidence is not between 0 and 1")
    }
    let found = matched.pooled.map { match in
      (match: match, detection: images[match.imageIndex].detections[match.detectionIndex])
    }
    let features = ProbabilityFeature.allCases.filter { feature in
      found.allSatisfy { feature.value(of: $0.detection) != nil }
    }
    func suffices(_ overlap: Double) -> Bool {
      matcher.comparison == .atLeast ? overlap >= matcher.threshold : overlap > matcher.threshold
    }
    entries = found.map { match, detection in
      let box = MatchedBox(detection.box, matcher.overlap)
      let isPlaced = images[match.imageIndex].objects.contains {
        suffices(box.overlap(with: MatchedBox($0.box, matcher.overlap)))
      }
      return Entry(
        image: match.imageIndex, values: features.compactMap { $0.value(of: detection) },
        isRight: !match.isWrong, isPlaced: isPlaced, hasClass: suffices(match.overlap),
        quality: match.isWrong ? 0 : match.overlap)
    }
    self.features = features
    overlap = matcher.threshold
    self.scoreFloor = scoreFloor
  }

  /// Those of some images.
  func filtered(_ isKept: (_ image: Int) -> Bool) -> ProbabilityCases {
    var cases = self
    cases.entries = entries.filter { isKept($0.image) }
    return cases
  }
}
