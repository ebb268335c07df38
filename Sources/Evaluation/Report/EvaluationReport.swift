package import Compute
package import Foundation

/// The results of all metrics that were asked for, as JSON and as a table.
package struct EvaluationReport: Sendable {
  /// A choice that the numbers depend on, such as the suppression threshold.
  package struct Setting: Sendable, Hashable {
    /// What was chosen.
    package let name: String
    /// What it was set to.
    package let value: String

    /// A choice and its value.
    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The result of one metric.
  package enum Result: Sendable {
    /// A VOC metric's.
    case voc(VOCEvaluation)
    /// COCO's.
    case coco(COCOEvaluation)
  }

  /// The metrics in the order asked for.
  package let results: [(metric: EvaluationMetric, result: Result)]
  /// Counts at the matcher's threshold; the classes are those of every metric.
  package let counts: VOCEvaluation
  /// Choices to be named beside the numbers.
  package let settings: [Setting]
  /// Intervals of the VOC metrics' values, if asked for.
  package let intervals: [EvaluationMetric: AveragePrecisionEstimate]
  /// COCO's numbers with intervals, if both were asked for.
  package let cocoEstimate: COCOEstimate?
  /// What stands behind the numbers without being wrong, such as images that were left out.
  package var notes: [String] = []
  /// Images that could not be read; no number is about them.
  package var unreadableImages = 0
  /// How far the detections' numbers can be trusted, nil unless it was added.
  package var trust: TrustReport?
  /// What it comes to, nil unless it was added.
  package var verdict: EvaluationVerdict?
  /// What the probabilities of the detections are worth, nil unless it was added.
  package var probability: ProbabilityTrial?
  /// What the run's thresholds give, nil unless it was added.
  package var thresholds: ThresholdReport?
  /// How another detector does on the same images, nil unless it was added.
  package var comparison: EvaluationComparison?
  /// What other tools give for the same detections, if asked for.
  package var references: [ReferenceTool.Result] = []
  /// The matching rules of the VOC metrics.
  package var matcher: DetectionMatcher { counts.matcher }

  /// Computes every metric.
  ///
  /// - Parameters:
  ///   - images: Every image of the split, in the split's order.
  ///   - classNames: Names of the class indices.
  ///   - metrics: What to compute.
  ///   - matcher: What counts as right in VOC metrics.
  ///   - absentClass: What classes without objects contribute to VOC means.
  ///   - settings: Choices to be named beside the numbers.
  ///   - bootstrap: How intervals are made; none without.
  ///   - pool: Threads to draw them on; nil for the caller's alone.
  /// - Throws: ``EvaluationError`` for NaN or infinite numbers and class indices without a name.
  package init(
    images: [EvaluatedImage], classNames: [String], metrics: [EvaluationMetric],
    matcher: DetectionMatcher = DetectionMatcher(),
    absentClass: VOCEvaluation.AbsentClassRule = .exclude, settings: [Setting] = [],
    bootstrap: Bootstrap? = nil, pool: ThreadPool? = nil
  ) throws {
    counts = try VOCEvaluation(
      images: images, classNames: classNames,
      rule: metrics.lazy.compactMap(\.rule).first ?? .area, matcher: matcher,
      absentClass: absentClass)
    var results: [(EvaluationMetric, Result)] = []
    var cocoEstimate: COCOEstimate?
    for metric in metrics {
      if let rule = metric.rule {
        results.append((metric, .voc(rule == counts.rule ? counts : counts.with(rule))))
      } else {
        let evaluation = try COCOEvaluation(
          images: images, classNames: classNames, pool: pool)
        results.append((metric, .coco(evaluation)))
        cocoEstimate = bootstrap?.estimate(of: evaluation, pool: pool)
      }
    }
    self.results = results
    self.cocoEstimate = cocoEstimate
    self.settings = settings
    intervals = try Self.intervals(
      metrics, bootstrap, images, classNames, matcher, absentClass, pool)
  }

  private static func intervals(
    _ metrics: [EvaluationMetric], _ bootstrap: Bootstrap?, _ images: [EvaluatedImage],
    _ classNames: [String], _ matcher: DetectionMatcher,
    _ absentClass: VOCEvaluation.AbsentClassRule, _ pool: ThreadPool?
  ) throws -> [EvaluationMetric: AveragePrecisionEstimate] {
    let ruled = metrics.compactMap { metric in metric.rule.map { (metric, $0) } }
    guard let bootstrap, !ruled.isEmpty else { return [:] }
    let estimates = try bootstrap.averagePrecision(
      of: images, classNames: classNames, rules: ruled.map(\.1), matcher: matcher,
      absentClass: absentClass, pool: pool)
    return Dictionary(
      zip(ruled, estimates).map { ($0.0, $1) }, uniquingKeysWith: { first, _ in first })
  }

  /// The JSON document, keys sorted; an AP that is undefined is null.
  ///
  /// - Throws: Never for finite results.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}

extension EvaluationReport {
  /// mAP (COCO: AP) by one of the report's metrics, 0...1; nil if it was not asked for or no class
  /// has objects.
  package func meanAveragePrecision(_ metric: EvaluationMetric) -> Double? {
    for (other, result) in results where other == metric {
      switch result {
      case .voc(let evaluation): return evaluation.meanAveragePrecision
      case .coco(let evaluation): return evaluation.summary.ap
      }
    }
    return nil
  }
}
