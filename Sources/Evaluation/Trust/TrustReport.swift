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

  /// The numbers of all classes or of one.
  package struct Group: Sendable {
    /// The class's name, nil for all.
    package let name: String?
    /// Calibration and finding of errors of the detections from the floor on, without those of
    /// difficult objects.
    package let decisions: DecisionTrust
    /// D-ECE in five bins each of confidence, position and size, 0...1; undefined where an image's
    /// size is unknown or a confidence outside 0...1.
    package let boxCalibration: Estimate
    /// The LRP error.
    package let localization: Localization
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
  /// Where precision and recall of all detections are balanced best; nil without a right one.
  package let balance: BalancedThreshold?
  /// How far the deviations of edges can be trusted; nil if no right detection has them.
  package let edges: EdgeCoverage.Summary?
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
    let kept = matched.withConfidence(atLeast: options.scoreFloor).decisions(in: images)
    reliability = kept.hasProbabilities ? CalibrationError(kept).bins : nil
    riskCoverage = RiskCoverage.curves(kept)
    operatingPoint = riskCoverage.first { $0.score == .confidence }?.curve
      .threshold(maximumRisk: options.maximumRisk)
    edges = EdgeCoverage(
      matched.withConfidence(atLeast: options.scoreFloor), images: images
    ).map {
      EdgeCoverage.Summary(
        $0, Bootstrap.estimates(of: $0, options.bootstrap, pool: options.pool))
    }
    balance = BalancedThreshold(matched.decisions, targets: matched.objectCount)
    mistakes = try ErrorBreakdown(images: images, classNames: classNames, matcher: matcher)
  }
}

extension TrustReport.Group {
  fileprivate init(
    _ matched: MatchedDetections, images: [EvaluatedImage], name: String?,
    options: TrustReport.Options
  ) {
    func estimates(_ statistic: some ImageStatistic) -> [Estimate] {
      Bootstrap.estimates(of: statistic, options.bootstrap, pool: options.pool)
    }
    let kept = matched.withConfidence(atLeast: options.scoreFloor)
    let decisions = kept.decisions(in: images)
    self.name = name
    self.decisions = DecisionTrust(decisions, bootstrap: options.bootstrap, pool: options.pool)
    let lrp = estimates(LocalizationRecallPrecision(matched))
    localization = TrustReport.Localization(
      error: lrp[0], localization: lrp[1], falsePositives: lrp[2], falseNegatives: lrp[3])
    let box = decisions.hasProbabilities ? BoxCalibrationError(kept, images: images) : nil
    boxCalibration = box.map { estimates($0)[0] } ?? Estimate(value: nil, interval: nil)
  }
}
