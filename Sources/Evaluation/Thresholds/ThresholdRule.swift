/// How the confidence is chosen from which on a class is reported.
package enum ThresholdRule: Sendable, Hashable {
  /// Where F1 = 2 TP / (TP + FP + objects) is largest; of equal ones the largest confidence.
  case f1
  /// The smallest at which the lower bound of the precision reaches a share, 0...1 without the ends.
  case precision(Double)

  /// The rule that `f1` or `precision=0.9` names; nil for anything else.
  package init?(_ text: String) {
    if text == "f1" {
      self = .f1
      return
    }
    let parts = text.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "precision", let share = Double(parts[1]), share > 0,
      share < 1
    else { return nil }
    self = .precision(share)
  }

  /// Its name, which ``init(_:)`` reads.
  package var text: String {
    switch self {
    case .f1: "f1"
    case .precision(let share): "precision=\(share)"
    }
  }
}

extension ThresholdRule: Codable {
  /// Reads the name.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let rule = ThresholdRule(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "the rule '\(text)' is neither f1 nor precision=SHARE")
    }
    self = rule
  }

  /// Writes the name.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
