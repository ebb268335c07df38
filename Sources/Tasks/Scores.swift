import Foundation

/// What the scores of a task measure: larger is better.
package struct ScoreMeasure: Sendable, Equatable {
  /// As tables and columns name it: `mAP`.
  package let name: String
  /// As JSON keys end: `MeanAveragePrecision`.
  package let key: String
  /// The rules it is computed by; the first decides which weights are the best.
  package let rules: [String]

  /// A measure by one or several rules.
  package init(name: String, key: String, rules: [String]) {
    precondition(!rules.isEmpty, "no rule")
    self.name = name
    self.key = key
    self.rules = rules
  }

  /// As a JSON property: `meanAveragePrecision`.
  package var property: String { key.prefix(1).lowercased() + key.dropFirst() }
  /// The names of the columns of a log, one a rule: `mAP_voc12`.
  package var columns: [String] { rules.map { "\(name)_\($0)" } }
  /// The score that decides, for people: `mAP (voc12)`.
  package var title: String { "\(name) (\(rules[0]))" }
}

/// How good predictions are, by each rule of a task's measure.
package struct Scores: Sendable, Equatable {
  /// What they measure.
  package let measure: ScoreMeasure
  /// One value a rule, 0...1; nil where there is nothing to judge.
  package let values: [Double?]

  /// One value for each rule of the measure.
  package init(_ measure: ScoreMeasure, values: [Double?]) {
    precondition(values.count == measure.rules.count, "\(values.count) scores")
    self.measure = measure
    self.values = values
  }

  /// The one that decides which weights are the best.
  package var first: Double? { values[0] }

  /// For people: `mAP voc12 0.5012, voc07 0.4811`.
  package var text: String {
    let values = zip(measure.rules, values).map { rule, value in
      rule + " " + (value.map { String(format: "%.4f", $0) } ?? "n/a")
    }
    return measure.name + " " + values.joined(separator: ", ")
  }

  /// The values by rule; those that exist.
  package var byRule: [String: Double] { named(measure.rules) }
  /// The values by the columns of a log; those that exist.
  package var columns: [String: Double] { named(measure.columns) }

  private func named(_ names: [String]) -> [String: Double] {
    var named: [String: Double] = [:]
    for (name, value) in zip(names, values) { named[name] = value }
    return named
  }
}
