/// A JSON document of parts that are made one by one.
enum JSONValue: Encodable, Sendable {
  case number(Double?)
  case integer(Int)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    }
  }

  /// `{"lower", "upper", "level"}`, null without an interval.
  static func interval(_ interval: ConfidenceInterval?) -> JSONValue {
    guard let interval else { return .number(nil) }
    return .object([
      "lower": .number(interval.lower), "upper": .number(interval.upper),
      "level": .number(interval.level),
    ])
  }

  /// `{"value", "interval"}`, the number alone without an interval.
  static func estimate(_ estimate: Estimate) -> JSONValue {
    guard let interval = estimate.interval else { return .number(estimate.value) }
    return .object(["value": .number(estimate.value), "interval": .interval(interval)])
  }
}
