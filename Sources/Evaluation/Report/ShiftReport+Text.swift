import Files
import Foundation

extension ShiftReport {
  /// A table for people, a line per row, and what the numbers are.
  package var table: String {
    let header = [
      "corruption", "severity", "parameter", "voc07", "voc12", "detections", "confidence", "BALD",
      "entropy", "D-ECE",
    ]
    let text = TextTable([header] + rows.map(Self.cells)).lines
    let level = rows.lazy.compactMap { $0.measures.calibration.interval?.level }.first
    let notes = [
      "",
      "mAP and D-ECE in %"
        + (level.map { String(format: ", with %g %% intervals over images", 100 * $0) } ?? "")
        + "; confidence, BALD and entropy (bits): means of the detections",
      String(format: "with confidence from %g on; ", scoreFloor) + "\(imageCount) images"
        + (unreadableImages > 0 ? ", \(unreadableImages) more could not be read" : ""),
    ]
    let choices = settings.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    return (text + notes + (choices.isEmpty ? [] : [choices])).joined(separator: "\n") + "\n"
  }

  private static func cells(_ row: Row) -> [String] {
    let measures = row.measures
    func number(_ value: Double?) -> String { NumberText.decimal(value, digits: 3) }
    return [
      row.corruption ?? "none", "\(row.severity)",
      row.parameter.map { String(format: "%g", $0) } ?? "",
    ] + measures.meanAveragePrecision.map(percent) + [
      "\(measures.detections)", number(measures.confidence), number(measures.bald),
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
  /// Writes `{"images", "unreadableImages", "scoreFloor", "settings", "rows": [{"corruption", "severity", "parameter",
  /// "parameterName", "mAP": {"voc07", "voc12"}, "detections", "confidence", "bald", "entropy",
  /// "dECE"}]}`; a number with an interval is `{"value", "interval"}`.
  ///
  /// - Throws: The encoder's errors.
  package func encode(to encoder: any Encoder) throws {
    var content: [String: JSONValue] = [
      "images": .integer(imageCount), "scoreFloor": .number(scoreFloor),
      "settings": .object(
        Dictionary(
          settings.map { ($0.name, .text($0.value)) }, uniquingKeysWith: { first, _ in first })),
      "rows": .list(rows.map(\.json)),
    ]
    if unreadableImages > 0 { content["unreadableImages"] = .integer(unreadableImages) }
    try JSONValue.object(content).encode(to: encoder)
  }
}

extension ShiftReport.Row {
  fileprivate var json: JSONValue {
    let precision = zip(EvaluationMetric.voc, measures.meanAveragePrecision).map {
      ($0.rawValue, JSONValue.estimate($1))
    }
    var content: [String: JSONValue] = [
      "corruption": .text(corruption ?? "none"), "severity": .integer(severity),
      "mAP": .object(Dictionary(precision, uniquingKeysWith: { first, _ in first })),
      "detections": .integer(measures.detections), "confidence": .number(measures.confidence),
      "bald": .number(measures.bald), "entropy": .number(measures.entropy),
      "dECE": .estimate(measures.calibration),
    ]
    if let parameter {
      content["parameter"] = .number(Double(parameter))
      content["parameterName"] = .text(parameterName)
    }
    return .object(content)
  }
}
