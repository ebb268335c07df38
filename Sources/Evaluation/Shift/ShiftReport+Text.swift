import Files
import Foundation

extension ShiftReport {
  /// A table for people, a line per row, and what the numbers are.
  package var table: String {
    let words = words
    let header =
      ["corruption", "severity", "parameter"] + subject.accuracyNames + [words.decisions]
      + ["confidence", "BALD", "entropy", words.calibration]
    let text = TextTable.folded([header] + rows.map(Self.cells), keys: 2)
    let level = rows.lazy.compactMap { $0.measures.calibration.interval?.level }.first
    let notes = [
      "",
      "\(words.accuracy) and \(words.calibration) in %"
        + (level.map { String(format: ", with %g %% intervals over images", 100 * $0) } ?? "")
        + ";",
      "confidence, BALD and entropy (bits): means of the \(words.decisions)",
      words.floor + "\(imageCount) image\(imageCount == 1 ? "" : "s")"
        + (unreadableImages > 0 ? ", \(unreadableImages) more could not be read" : ""),
    ]
    let choices = settings.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    return (text + notes + (choices.isEmpty ? [] : [choices]) + shiftLines)
      .joined(separator: "\n") + "\n"
  }

  /// How well single images are told apart: two tables, a line a corruption of all severities together.
  private var shiftLines: [String] {
    let pooled = imageShifts.filter { $0.severity == nil }
    guard !pooled.isEmpty else { return [] }
    let scores = ImageDoubt.allCases.filter { score in pooled.contains { $0.score == score } }
    let names = pooled.reduce(into: [String]()) {
      if !$0.contains($1.shift) { $0.append($1.shift) }
    }
    func table(_ title: String, _ value: (ImageShift) -> Estimate) -> [String] {
      let cells = scores.map { score in
        [score.title]
          + names.map { name in
            pooled.first { $0.shift == name && $0.score == score }.map {
              Self.percent(value($0))
            } ?? ""
          }
      }
      return ["", title] + TextTable.folded([["number of an image"] + names] + cells)
    }
    return table(
      "is an image clean or shifted? AUROC in %, all severities together"
        + (foreignImages > 0 ? "; \(foreignImages) foreign images" : ""), \.auroc)
      + table("shifted images that pass where 95 % of the clean ones do, in %", \.missed)
  }

  /// What things are called in tables.
  private var words: (accuracy: String, decisions: String, calibration: String, floor: String) {
    switch subject {
    case .detections(let floor):
      ("mAP", "detections", "D-ECE", String(format: "with confidence from %g on; ", floor))
    case .answers: ("accuracy", "answers", "ECE", "")
    }
  }

  private static func cells(_ row: Row) -> [String] {
    let measures = row.measures
    func number(_ value: Double?) -> String { NumberText.decimal(value, digits: 3) }
    return [
      row.corruption ?? "none", "\(row.severity)",
      row.parameter.map { String(format: "%g", $0) } ?? "",
    ] + measures.accuracy.map(percent) + [
      "\(measures.decisions)", number(measures.confidence), number(measures.bald),
      number(measures.entropy), percent(measures.calibration),
    ]
  }

  private static func percent(_ estimate: Estimate) -> String {
    let value = EvaluationReport.percent(estimate.value)
    guard let interval = estimate.interval else { return value }
    return value + String(format: " [%.1f, %.1f]", 100 * interval.lower, 100 * interval.upper)
  }
}

extension ShiftReport: Encodable {
  /// Writes the numbers.
  ///
  /// `{"images", "unreadableImages", "scoreFloor", "settings", "rows": [{"corruption", "severity",
  /// "parameter", "parameterName", "mAP": {"voc07", "voc12"}, "detections", "confidence", "bald",
  /// "entropy", "dECE"}]}`; a number with an interval is `{"value", "interval"}`. Of a classifier there
  /// are `"accuracy": {"top1", "top5"}`, `"answers"` and `"ece15"` in place of mAP, detections and
  /// D-ECE, and no `scoreFloor`. `"imageShifts": [{"shift", "severity", "score", "auroc", "missed"}]` has
  /// no severity where all of a corruption are together.
  ///
  /// - Throws: The encoder's errors.
  package func encode(to encoder: any Encoder) throws {
    var content: [String: JSONValue] = [
      "images": .integer(imageCount),
      "settings": .object(
        Dictionary(
          settings.map { ($0.name, .text($0.value)) }, uniquingKeysWith: { first, _ in first })),
      "rows": .list(rows.map(json)),
    ]
    if case .detections(let floor) = subject { content["scoreFloor"] = .number(floor) }
    if unreadableImages > 0 { content["unreadableImages"] = .integer(unreadableImages) }
    if foreignImages > 0 { content["foreignImages"] = .integer(foreignImages) }
    if !imageShifts.isEmpty {
      content["imageShifts"] = .list(
        imageShifts.map { item in
          var entry: [String: JSONValue] = [
            "shift": .text(item.shift), "score": .text(item.score.rawValue),
            "auroc": .estimate(item.auroc), "missed": .estimate(item.missed),
          ]
          if let severity = item.severity { entry["severity"] = .integer(severity) }
          return .object(entry)
        })
    }
    try JSONValue.object(content).encode(to: encoder)
  }

  private func json(_ row: Row) -> JSONValue {
    let measures = row.measures
    let accuracy = JSONValue.object(
      Dictionary(
        zip(subject.accuracyNames, measures.accuracy.map(JSONValue.estimate)),
        uniquingKeysWith: { first, _ in first }))
    var content: [String: JSONValue] = [
      "corruption": .text(row.corruption ?? "none"), "severity": .integer(row.severity),
      "confidence": .number(measures.confidence), "bald": .number(measures.bald),
      "entropy": .number(measures.entropy),
    ]
    switch subject {
    case .detections:
      content["mAP"] = accuracy
      content["detections"] = .integer(measures.decisions)
      content["dECE"] = .estimate(measures.calibration)
    case .answers:
      content["accuracy"] = accuracy
      content["answers"] = .integer(measures.decisions)
      content["ece15"] = .estimate(measures.calibration)
    }
    if let parameter = row.parameter {
      content["parameter"] = .number(Double(parameter))
      content["parameterName"] = .text(row.parameterName)
    }
    return .object(content)
  }
}
