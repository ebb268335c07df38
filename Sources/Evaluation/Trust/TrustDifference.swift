package import Compute

/// How the trust in two detectors differs on the same images, with paired intervals.
package struct TrustDifference: Sendable {
  /// D-ECE, second minus first; nil if a confidence is no probability.
  package let calibration: EstimatedDifference?
  /// oLRP, second minus first.
  package let localization: EstimatedDifference
  /// AUROC of 1 − confidence, second minus first; nil without detections.
  package let areaUnderROC: EstimatedDifference?

  /// Compares.
  ///
  /// - Parameters:
  ///   - first: Every image with the first detector's detections.
  ///   - second: The same images, in any order, with the second's.
  ///   - classNames: Names of the class indices of both.
  ///   - matcher: What counts as right.
  ///   - scoreFloor: Detections of less confidence count only in oLRP.
  ///   - bootstrap: How intervals are made.
  ///   - pool: Threads to draw on.
  /// - Throws: ``EvaluationError`` as an evaluation, and if the images differ.
  package init(
    from first: [EvaluatedImage], to second: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher(), scoreFloor: Double = 0.05,
    bootstrap: Bootstrap = Bootstrap(), pool: ThreadPool? = nil
  ) throws {
    let both = [first, try EvaluatedImage.aligned(second, with: first)]
    let matched = try both.map {
      try MatchedDetections($0, classNames: classNames, matcher: matcher)
    }
    let kept = matched.map { $0.withConfidence(atLeast: scoreFloor).decisions }
    let errors = kept.compactMap { ErrorDetection($0, score: .confidence) }
    let isCalibratable = kept.allSatisfy(\.hasProbabilities)
    let statistics = matched.indices.map { index in
      var parts: [any ImageStatistic] = [LocalizationRecallPrecision(matched[index])]
      if errors.count == 2 { parts.append(errors[index]) }
      if isCalibratable { parts.append(CalibrationError(kept[index])) }
      return CombinedStatistic(parts, imageCount: matched[index].imageCount)
    }
    let values = bootstrap.differences(from: statistics[0], to: statistics[1], pool: pool)
    localization = values[0]
    let rest = LocalizationRecallPrecision(matched[0]).valueCount
    areaUnderROC = errors.count == 2 ? values[rest] : nil
    calibration = isCalibratable ? values[values.count - 1] : nil
  }
}
