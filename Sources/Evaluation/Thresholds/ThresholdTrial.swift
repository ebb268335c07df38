import Files

/// What thresholds give on images that they were not chosen on.
///
/// The images are dealt out in turn; thresholds are chosen on all parts but one and judged on that one,
/// for each of them, and the counts are added up.
package struct ThresholdTrial: Sendable {
  /// One outcome a class, in the order of the names.
  package let classes: [ThresholdOutcome]

  /// Tries a rule; nil if no detection is right in all parts but one.
  ///
  /// - Parameters:
  ///   - rule: What is sought.
  ///   - images: As ``ClassThresholds/init(choosing:on:classNames:matcher:floor:)`` takes them.
  ///   - classNames: Names of the class indices.
  ///   - matcher: What counts as right.
  ///   - floor: The confidence above which detections are known.
  ///   - parts: The number of parts, at least 2.
  /// - Throws: ``EvaluationError`` of matching.
  package init?(
    _ rule: ThresholdRule, on images: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher(), floor: Float = 0, parts: Int = 5
  ) throws {
    precondition(parts > 1, "one part cannot be held out")
    let judged = JudgedClass.all(
      of: try MatchedDetections(images, classNames: classNames, matcher: matcher))
    var sums = [ThresholdOutcome](repeating: ThresholdOutcome(), count: classNames.count)
    for part in 0..<parts {
      guard
        let chosen = ClassThresholds(
          judged, overlap: matcher.threshold, rule: rule, floor: floor, imageIDs: [],
          counts: { $0 % parts != part })
      else { return nil }
      let held = chosen.outcomes(judged) { $0 % parts == part }
      for index in sums.indices { sums[index] = sums[index] + held[index] }
    }
    classes = sums
  }
}

extension ClassThresholds {
  /// A table for people: what each class's threshold gives, on held-out images too if a trial is at
  /// hand.
  ///
  /// - Parameters:
  ///   - outcomes: One a class.
  ///   - classNames: Their names.
  ///   - trial: What was reached on held-out images.
  /// - Returns: Lines, each with its line feed.
  package func table(
    _ outcomes: [ThresholdOutcome], classNames: [String], trial: ThresholdTrial? = nil
  ) -> String {
    func cells(_ outcome: ThresholdOutcome) -> [String] {
      [
        "\(outcome.objects)", "\(outcome.detections)", NumberText.percent(outcome.precision),
        NumberText.percent(outcome.precisionBound), NumberText.percent(outcome.recall),
        NumberText.percent(outcome.f1),
      ]
    }
    func held(_ outcome: ThresholdOutcome?) -> [String] {
      guard let outcome else { return [] }
      return [outcome.precision, outcome.recall, outcome.f1].map { NumberText.percent($0) }
    }
    var rows = [
      ["class", "above", "objects", "detections", "precision", "at least", "recall", "F1"]
        + (trial == nil ? [] : ["held out: precision", "recall", "F1"]) + ["chosen on"]
    ]
    for (index, name) in classNames.enumerated() {
      let source = classes[name]?.source ?? .allClasses
      rows.append(
        [name, NumberText.decimal(Double(threshold(ofClass: name)), digits: 3)]
          + cells(outcomes[index]) + held(trial?.classes[index]) + [source.text])
    }
    let empty = ThresholdOutcome()
    rows.append(
      ["all", ""] + cells(outcomes.reduce(empty, +)) + held(trial?.classes.reduce(empty, +)) + [""])
    let table = TextTable(rows)
    let lines = table.lines.dropLast() + [table.rule] + table.lines.suffix(1)
    return lines.map { $0 + "\n" }.joined()
  }
}

extension ClassThresholds.Source {
  /// For people.
  package var text: String {
    switch self {
    case .own: "its own"
    case .allClasses: "all classes"
    case .notReached: "its own, not reached"
    }
  }
}
