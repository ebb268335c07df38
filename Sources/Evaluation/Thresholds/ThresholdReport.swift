import Files

/// What the thresholds of a run give on the images of an evaluation.
package struct ThresholdReport: Sendable {
  /// The file that they are in.
  package let file: String
  /// The thresholds.
  package let thresholds: ClassThresholds
  /// Names of the class indices.
  package let classNames: [String]
  /// One outcome a class.
  package let outcomes: [ThresholdOutcome]
  /// How many of the images they were chosen on.
  package let known: Int

  /// Judges thresholds on images with the network's own confidences.
  ///
  /// - Throws: ``EvaluationError`` of matching.
  package init(
    _ thresholds: ClassThresholds, file: String, on images: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher
  ) throws {
    self.file = file
    self.thresholds = thresholds
    self.classNames = classNames
    outcomes = try thresholds.outcomes(in: images, classNames: classNames, matcher: matcher)
    let ids = Set(thresholds.imageIDs)
    known = images.count { ids.contains($0.id) }
  }

  /// That the thresholds know some of the images, nil if they know none.
  package func caution(of count: Int) -> String? {
    known == 0
      ? nil
      : "\(known) of these \(count) images chose the thresholds: what they reach here is a little too good"
  }

  /// A table for people, in per cent.
  package var table: String {
    "above the thresholds of \(file) (\(thresholds.rule.text), chosen on \(thresholds.imageIDs.count)"
      + " images), in %:\n" + thresholds.table(outcomes, classNames: classNames)
  }

  /// The same numbers.
  var json: JSONValue {
    func value(_ outcome: ThresholdOutcome) -> [String: JSONValue] {
      [
        "objects": .integer(outcome.objects),
        "detections": .integer(outcome.detections), "right": .integer(outcome.right),
        "precision": .number(outcome.precision),
        "precisionBound": .number(outcome.precisionBound), "recall": .number(outcome.recall),
        "f1": .number(outcome.f1),
      ]
    }
    var classes: [String: JSONValue] = [:]
    for (name, outcome) in zip(classNames, outcomes) {
      var entry = value(outcome)
      // As few digits as tell it apart, like the file has it.
      let threshold = thresholds.threshold(ofClass: name)
      entry["threshold"] = .number(
        CompactNumber.rounded(Double(threshold)) { Float($0) == threshold })
      classes[name] = .object(entry)
    }
    return .object([
      "file": .text(file), "rule": .text(thresholds.rule.text),
      "chosenOn": .integer(thresholds.imageIDs.count), "known": .integer(known),
      "classes": .object(classes), "all": .object(value(outcomes.reduce(ThresholdOutcome(), +))),
    ])
  }
}
