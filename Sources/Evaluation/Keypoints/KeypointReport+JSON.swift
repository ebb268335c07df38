package import Foundation

extension KeypointReport {
  /// The JSON document, keys sorted; what is undefined is null.
  ///
  /// `{"task": "keypoints", "kind", "images", "persons", "metrics": {"pck0.2", …, "joints": {NAME: {…}},
  /// "pairs": {…}, "coco": {…}, "trust": {…}, "correlation": {…}}, "settings", "notes", "references"}`;
  /// of centres `"classes"` in place of `"joints"`. A number with an interval is
  /// `{"value", "interval": {"lower", "upper", "level"}}`.
  ///
  /// - Throws: Never for finite results.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(document) + Data("\n".utf8)
  }

  private var document: JSONValue {
    var metrics = Self.values(figures)
    metrics[kind == .joints ? "joints" : "classes"] = Self.value(rows)
    if !pairs.isEmpty { metrics["pairs"] = Self.value(pairs) }
    if kind == .joints {
      metrics["coco"] =
        similarity.isEmpty
        ? .object(["reason": .text(withoutSimilarity ?? "")])
        : .object(Self.values(similarity))
    }
    metrics["trust"] = trustValue
    metrics["correlation"] = .object(
      Dictionary(
        correlations.map { ($0.score.rawValue, .estimate($0.estimate)) },
        uniquingKeysWith: { $1 }))
    var parts: [String: JSONValue] = [
      "task": .text("keypoints"), "kind": .text(kind.rawValue), "images": .integer(imageCount),
      "metrics": .object(metrics), "notes": .list(notes.map(JSONValue.text)),
      "settings": .object(
        Dictionary(settings.map { ($0.name, .text($0.value)) }, uniquingKeysWith: { $1 })),
    ]
    if kind == .joints { parts["persons"] = .integer(sampleCount) }
    if unreadableImages > 0 { parts["unreadableImages"] = .integer(unreadableImages) }
    if !references.isEmpty { parts["references"] = .list(references.map(\.json)) }
    return .object(parts)
  }

  private var trustValue: JSONValue {
    .object([
      "keypoints": .integer(trust.count), "wrong": .integer(trust.wrong),
      "calibration": .object([
        "ece": .estimate(trust.calibration.error),
        "qualityECE": .estimate(trust.calibration.qualityError),
        "brier": .estimate(trust.calibration.brier),
        "nll": .estimate(trust.calibration.negativeLogLikelihood),
      ]),
      "errorDetection": .object(
        Dictionary(
          trust.errorFinding.map { ($0.score.rawValue, $0.json) }, uniquingKeysWith: { $1 })),
    ])
  }

  private static func values(_ figures: [Figure]) -> [String: JSONValue] {
    Dictionary(figures.map { ($0.key, .estimate($0.estimate)) }, uniquingKeysWith: { $1 })
  }

  private static func value(_ rows: [Row]) -> JSONValue {
    .object(
      Dictionary(
        rows.map { row in
          var parts = values(row.figures)
          parts["annotated"] = .integer(row.annotated)
          return (row.name, .object(parts))
        }, uniquingKeysWith: { $1 }))
  }
}
