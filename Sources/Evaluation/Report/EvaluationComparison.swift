package import Compute
import Foundation

/// How an evaluation differs from that of another detector on the same images.
package struct EvaluationComparison: Sendable {
  /// What the other detector is called.
  package let name: String
  /// The classes that the differences are listed by.
  package let classNames: [String]
  /// The metrics with this detector's AP minus the other's, with intervals over images.
  package let differences: [(metric: EvaluationMetric, result: AveragePrecisionDifference)]

  /// Compares `images` with `others` by every metric of a list.
  ///
  /// - Parameters:
  ///   - images: Every image of the split with this detector's detections.
  ///   - others: The same images with the other's.
  ///   - name: What the other is called.
  ///   - classNames: Names of the class indices of both.
  ///   - metrics: What to compare by.
  ///   - matcher: What counts as right.
  ///   - absentClass: What classes without objects contribute to VOC means.
  ///   - bootstrap: How intervals are made.
  ///   - pool: Threads to draw on.
  /// - Throws: ``EvaluationError`` as the evaluation, and if the images differ.
  package init(
    of images: [EvaluatedImage], with others: [EvaluatedImage], name: String,
    classNames: [String], metrics: [EvaluationMetric],
    matcher: DetectionMatcher = DetectionMatcher(),
    absentClass: VOCEvaluation.AbsentClassRule = .exclude, bootstrap: Bootstrap = Bootstrap(),
    pool: ThreadPool? = nil
  ) throws {
    self.name = name
    self.classNames = classNames
    let rules = metrics.compactMap { metric in metric.rule.map { (metric: metric, rule: $0) } }
    let results = try bootstrap.averagePrecisionDifference(
      from: others, to: images, classNames: classNames, rules: rules.map(\.rule),
      matcher: matcher, absentClass: absentClass, pool: pool)
    var differences = zip(rules, results).map { ($0.metric, $1) }
    if let place = metrics.firstIndex(of: .coco) {
      let result = try bootstrap.cocoDifference(
        from: others, to: images, classNames: classNames, pool: pool)
      differences.insert((.coco, result), at: place)
    }
    self.differences = differences
  }

  /// A line per metric for people, in points of per cent.
  package var table: String {
    let lines = differences.map { metric, result in
      guard let value = result.mean.value, let interval = result.mean.interval else {
        return "  \(metric.rawValue) n/a"
      }
      let share = result.mean.shareLarger.map {
        String(format: ", better in %.1f %% of resamples", 100 * $0)
      }
      return String(
        format: "  %@ %+.2f [%+.2f, %+.2f]", metric.rawValue, 100 * value, 100 * interval.lower,
        100 * interval.upper) + (share ?? "")
        + (result.mean.isSignificant ? "" : ": not told apart")
    }
    return (["mAP against \(name), in points, paired over images"] + lines)
      .joined(separator: "\n") + "\n"
  }

  var json: JSONValue {
    func value(_ difference: EstimatedDifference) -> JSONValue {
      .object([
        "difference": .number(difference.value), "interval": .interval(difference.interval),
        "shareBetter": .number(difference.shareLarger),
      ])
    }
    let metrics = differences.map { metric, result -> (String, JSONValue) in
      let classes = zip(classNames, result.classes).map { ($0, value($1)) }
      return (
        metric.rawValue,
        .object([
          "mean": value(result.mean),
          "classes": .object(Dictionary(classes, uniquingKeysWith: { first, _ in first })),
        ])
      )
    }
    return .object([
      "name": .text(name),
      "metrics": .object(Dictionary(metrics, uniquingKeysWith: { first, _ in first })),
    ])
  }
}
