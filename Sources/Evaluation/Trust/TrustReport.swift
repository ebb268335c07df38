package import Compute

/// How far the numbers on detections can be trusted: calibration, localisation, error detection and
/// kinds of mistakes, overall and per class.
package struct TrustReport: Sendable {
  /// What the report depends on.
  package struct Options: Sendable {
    /// Detections of less confidence count only in LRP and in the kinds of mistakes.
    package var scoreFloor: Double
    /// The share of wrong detections that ``TrustReport/operatingPoint`` may not exceed, 0...1.
    package var maximumRisk: Double
    /// How intervals are made; none without.
    package var bootstrap: Bootstrap?
    /// Threads to draw on; nil for the caller's alone.
    package var pool: ThreadPool?

    /// Options; the usual floor is 0.05.
    package init(
      scoreFloor: Double = 0.05, maximumRisk: Double = 0.1, bootstrap: Bootstrap? = nil,
      pool: ThreadPool? = nil
    ) {
      self.scoreFloor = scoreFloor
      self.maximumRisk = maximumRisk
      self.bootstrap = bootstrap
      self.pool = pool
    }
  }

  /// Whether confidences are probabilities; undefined where one is outside 0...1.
  package struct Calibration: Sendable {
    /// D-ECE in ten bins of confidence, 0...1.
    package let detection: Estimate
    /// D-ECE in five bins each of confidence, position and size, 0...1; undefined where an image's
    /// size is unknown.
    package let box: Estimate
    /// LaECE in 25 bins, 0...1.
    package let localization: Estimate
    /// Brier score, 0...1.
    package let brier: Estimate
    /// Negative log-likelihood in nats, ≥ 0.
    package let negativeLogLikelihood: Estimate
  }

  /// The LRP error at the best threshold, and its parts there; means over classes.
  package struct Localization: Sendable {
    /// oLRP, 0...1.
    package let error: Estimate
    /// Mean of 1 − IoU of right detections, 0...1.
    package let localization: Estimate
    /// Share of wrong detections, 0...1.
    package let falsePositives: Estimate
    /// Share of missed objects, 0...1.
    package let falseNegatives: Estimate
  }

  /// How well one score finds wrong detections.
  package struct ErrorFinding: Sendable {
    /// The score.
    package let score: UncertaintyScore
    /// Area under the ROC curve, 0...1.
    package let areaUnderROC: Estimate
    /// Average precision of finding wrong detections, 0...1.
    package let areaUnderPrecisionRecall: Estimate
    /// Area under the risk–coverage curve, 0...1.
    package let areaUnderRiskCoverage: Estimate
    /// Its excess over the perfect order, 0...1.
    package let excessAreaUnderRiskCoverage: Estimate
    /// The split at the median score.
    package let medianSplit: CertaintySplit?
  }

  /// The numbers of all classes or of one.
  package struct Group: Sendable {
    /// The class's name, nil for all.
    package let name: String?
    /// Detections from the floor on, without those of difficult objects.
    package let detections: Int
    /// Wrong ones among them.
    package let wrong: Int
    /// Whether confidences are probabilities.
    package let calibration: Calibration
    /// The LRP error.
    package let localization: Localization
    /// One entry per score that every detection has.
    package let errorFinding: [ErrorFinding]
  }

  /// What the report depends on.
  package let options: Options
  /// All classes, with intervals.
  package let overall: Group
  /// One entry per class name, in their order, without intervals.
  package let classes: [Group]
  /// Ten bins of confidence, for a reliability diagram; nil if a confidence is outside 0...1.
  package let reliability: [CalibrationError.Bin]?
  /// The risk–coverage curve of each score of ``overall``.
  package let riskCoverage: [(score: UncertaintyScore, curve: RiskCoverage)]
  /// The threshold on the confidence that keeps most detections with at most the share of wrong ones
  /// asked for, at 95 % certainty by Clopper and Pearson's bound; nil if none can promise that.
  package let operatingPoint: RiskCoverage.Pick?
  /// The kinds of mistakes.
  package let mistakes: ErrorBreakdown

  /// Computes everything.
  ///
  /// - Parameters:
  ///   - images: Every image of the split.
  ///   - classNames: Names of the class indices.
  ///   - matcher: What counts as right.
  ///   - options: Floor, intervals and threads.
  /// - Throws: ``EvaluationError`` for NaN or infinite numbers and class indices without a name.
  package init(
    images: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher(), options: Options = Options()
  ) throws {
    let matched = try MatchedDetections(images, classNames: classNames, matcher: matcher)
    self.options = options
    overall = Group(matched, images: images, name: nil, options: options)
    var plain = options
    plain.bootstrap = nil
    classes = classNames.indices.map {
      Group(matched.ofClass($0), images: images, name: classNames[$0], options: plain)
    }
    let kept = matched.withConfidence(atLeast: options.scoreFloor)
    reliability = kept.hasProbabilities ? CalibrationError(kept).bins : nil
    riskCoverage = UncertaintyScore.allCases.compactMap { score in
      RiskCoverage(kept, images: images, score: score).map { (score, $0) }
    }
    operatingPoint = riskCoverage.first { $0.score == .confidence }?.curve
      .threshold(maximumRisk: options.maximumRisk)
    mistakes = try ErrorBreakdown(images: images, classNames: classNames, matcher: matcher)
  }
}

extension TrustReport.Group {
  fileprivate init(
    _ matched: MatchedDetections, images: [EvaluatedImage], name: String?,
    options: TrustReport.Options
  ) {
    let kept = matched.withConfidence(atLeast: options.scoreFloor)
    let isCalibratable = kept.hasProbabilities
    let box = isCalibratable ? BoxCalibrationError(kept, images: images) : nil
    var parts: [any ImageStatistic] = [LocalizationRecallPrecision(matched)]
    let finders = UncertaintyScore.allCases.compactMap { score in
      ErrorDetection(kept, images: images, score: score).map { (score: score, finder: $0) }
    }
    parts += finders.map(\.finder)
    if isCalibratable {
      parts += [
        CalibrationError(kept), LocalizationCalibrationError(kept), ProbabilityScores(kept),
      ]
    }
    if let box { parts.append(box) }
    let statistic = CombinedStatistic(parts, imageCount: matched.imageCount)
    var rest =
      (options.bootstrap?.estimates(of: statistic, pool: options.pool))
      .map { $0[...] }
      ?? statistic.values.map { Estimate(value: $0, interval: nil) }[...]
    func take(_ part: some ImageStatistic) -> [Estimate] {
      defer { rest = rest.dropFirst(part.valueCount) }
      return Array(rest.prefix(part.valueCount))
    }
    self.name = name
    let pooled = kept.pooled
    detections = pooled.count
    wrong = pooled.count(where: \.isWrong)
    let lrp = Array(rest.prefix(4))
    rest = rest.dropFirst(parts[0].valueCount)
    localization = TrustReport.Localization(
      error: lrp[0], localization: lrp[1], falsePositives: lrp[2], falseNegatives: lrp[3])
    errorFinding = finders.map { entry in
      let values = take(entry.finder)
      return TrustReport.ErrorFinding(
        score: entry.score, areaUnderROC: values[0], areaUnderPrecisionRecall: values[1],
        areaUnderRiskCoverage: values[2], excessAreaUnderRiskCoverage: values[3],
        medianSplit: entry.finder.medianSplit)
    }
    let none = Estimate(value: nil, interval: nil)
    guard isCalibratable else {
      calibration = TrustReport.Calibration(
        detection: none, box: none, localization: none, brier: none, negativeLogLikelihood: none)
      return
    }
    let values = Array(rest)
    // D-ECE, then LaECE with its classes, then Brier and NLL, then the box-dependent D-ECE.
    let proper = 2 + matched.classes.count
    calibration = TrustReport.Calibration(
      detection: values[0], box: box == nil ? none : values[proper + 2], localization: values[1],
      brier: values[proper], negativeLogLikelihood: values[proper + 1])
  }
}
