package import Compute

/// How far the scores of decisions can be trusted: calibration and finding of errors.
package struct DecisionTrust: Sendable {
  /// Whether scores are probabilities; undefined where one is outside 0...1.
  package struct Calibration: Sendable {
    /// ECE in ten bins of confidence, 0...1; D-ECE of detections.
    package let error: Estimate
    /// The same against the decisions' quality in 25 bins, 0...1; LaECE of detections.
    package let qualityError: Estimate
    /// Brier score, 0...1.
    package let brier: Estimate
    /// Negative log-likelihood in nats, ≥ 0.
    package let negativeLogLikelihood: Estimate
  }

  /// How well one score finds wrong decisions.
  package struct ErrorFinding: Sendable {
    /// The score.
    package let score: UncertaintyScore
    /// Area under the ROC curve, 0...1.
    package let areaUnderROC: Estimate
    /// Average precision of finding wrong decisions, 0...1.
    package let areaUnderPrecisionRecall: Estimate
    /// Area under the risk–coverage curve, 0...1.
    package let areaUnderRiskCoverage: Estimate
    /// Its excess over the perfect order, 0...1.
    package let excessAreaUnderRiskCoverage: Estimate
    /// AUROC less that of the confidence, over the same images; nil for the confidence itself.
    package let areaUnderROCGain: Estimate?
    /// AURC less that of the confidence, in the same way; below 0 is better.
    package let areaUnderRiskCoverageGain: Estimate?
    /// The split at the median score.
    package let medianSplit: CertaintySplit?
  }

  /// The number of decisions.
  package let count: Int
  /// Wrong ones among them.
  package let wrong: Int
  /// Whether scores are probabilities.
  package let calibration: Calibration
  /// One entry per score that the decisions have.
  package let errorFinding: [ErrorFinding]

  /// Computes everything.
  ///
  /// - Parameters:
  ///   - decisions: Of all groups or of one.
  ///   - bootstrap: How intervals are made; none without.
  ///   - pool: Threads to draw on; nil for the caller's alone.
  package init(_ decisions: Decisions, bootstrap: Bootstrap? = nil, pool: ThreadPool? = nil) {
    let finders = UncertaintyScore.allCases.compactMap { score in
      ErrorDetection(decisions, score: score).map { (score: score, finder: $0) }
    }
    let scores = ErrorFindings(finders.map(\.finder), imageCount: decisions.imageCount)
    var parts: [any ImageStatistic] = finders.isEmpty ? [] : [scores]
    if decisions.hasProbabilities {
      parts += [
        CalibrationError(decisions), ProbabilityScores(decisions),
        LocalizationCalibrationError(decisions),
      ]
    }
    let statistic = CombinedStatistic(parts, imageCount: decisions.imageCount)
    let values = Bootstrap.estimates(of: statistic, bootstrap, pool: pool)
    count = decisions.count
    wrong = decisions.entries.count { !$0.isRight }
    errorFinding = finders.enumerated().map { index, entry in
      let own = Array(values[(4 * index)..<(4 * index + 4)])
      let gain = scores.places(ofGain: index)
      let isOther = entry.score != finders[0].score && finders[0].score == .confidence
      return ErrorFinding(
        score: entry.score, areaUnderROC: own[0], areaUnderPrecisionRecall: own[1],
        areaUnderRiskCoverage: own[2], excessAreaUnderRiskCoverage: own[3],
        areaUnderROCGain: isOther ? values[gain.areaUnderROC] : nil,
        areaUnderRiskCoverageGain: isOther ? values[gain.areaUnderRiskCoverage] : nil,
        medianSplit: entry.finder.medianSplit)
    }
    let rest = Array(values[(finders.isEmpty ? 0 : scores.valueCount)...])
    let none = Estimate(value: nil, interval: nil)
    calibration =
      rest.isEmpty
      ? Calibration(error: none, qualityError: none, brier: none, negativeLogLikelihood: none)
      : Calibration(
        error: rest[0], qualityError: rest[3], brier: rest[1], negativeLogLikelihood: rest[2])
  }
}

extension Bootstrap {
  /// The values of a statistic, with intervals where there is a bootstrap.
  static func estimates(
    of statistic: some ImageStatistic, _ bootstrap: Bootstrap?, pool: ThreadPool?
  ) -> [Estimate] {
    bootstrap?.estimates(of: statistic, pool: pool)
      ?? statistic.values.map { Estimate(value: $0, interval: nil) }
  }
}
