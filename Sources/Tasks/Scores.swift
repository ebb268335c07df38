import Foundation

/// What the scores of a task measure: larger is better.
package struct ScoreMeasure: Sendable, Equatable {
  /// As tables and columns name it: `mAP`.
  package let name: String
  /// As JSON keys end: `MeanAveragePrecision`.
  package let key: String
  /// The rules it is computed by; the first decides which weights are the best.
  package let rules: [String]
  /// What is looked at beside it, as columns of a log and as people read it.
  package let details: [Detail]

  /// A number that is looked at beside the scores and decides nothing, 0...1.
  package struct Detail: Sendable, Equatable {
    /// The column of a log, without an underscore.
    package let column: String
    /// For people; nil for one that stands in the log alone.
    package let name: String?

    /// A number by the name of its column, and as people call it.
    package init(_ column: String, said name: String?) {
      self.column = column
      self.name = name
    }
  }

  /// A measure by one or several rules.
  package init(name: String, key: String, rules: [String], details: [Detail] = []) {
    precondition(!rules.isEmpty, "no rule")
    self.name = name
    self.key = key
    self.rules = rules
    self.details = details
  }

  /// As a JSON property: `meanAveragePrecision`.
  package var property: String { key.prefix(1).lowercased() + key.dropFirst() }
  /// The names of the scores' columns of a log, one a rule: `mAP_voc12`.
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
  /// One value a detail of the measure; nil where it is not known.
  package let details: [Double?]

  /// One value for each rule and each detail of the measure.
  package init(_ measure: ScoreMeasure, values: [Double?], details: [Double?] = []) {
    precondition(values.count == measure.rules.count, "\(values.count) scores")
    precondition(details.count == measure.details.count, "\(details.count) details")
    self.measure = measure
    self.values = values
    self.details = details
  }

  /// The one that decides which weights are the best.
  package var first: Double? { values[0] }

  /// For people: `mAP 50.1 % (voc12), 48.1 % (voc07), precision 61.0 %`; what is not known is left out
  /// but for the score that decides.
  package var text: String {
    let scores = zip(measure.rules, values).enumerated().compactMap { index, score in
      score.1 == nil && index > 0 ? nil : "\(Scores.percent(score.1)) (\(score.0))"
    }
    let details = zip(measure.details, details).compactMap { detail, value in
      detail.name.flatMap { name in value.map { "\(name) \(Scores.percent($0))" } }
    }
    return measure.name + " " + (scores + details).joined(separator: ", ")
  }

  /// A score for people: `50.1 %`.
  package static func percent(_ value: Double?) -> String {
    value.map { String(format: "%.1f %%", 100 * $0) } ?? "n/a"
  }

  /// The values by rule; those that exist.
  package var byRule: [String: Double] { named(measure.rules, values) }
  /// Values and details by the columns of a log; those that exist.
  package var columns: [String: Double] {
    named(measure.columns, values).merging(named(measure.details.map(\.column), details)) { $1 }
  }

  private func named(_ names: [String], _ values: [Double?]) -> [String: Double] {
    var named: [String: Double] = [:]
    for (name, value) in zip(names, values) { named[name] = value }
    return named
  }
}
