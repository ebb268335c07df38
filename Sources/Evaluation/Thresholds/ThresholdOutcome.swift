/// What the detections of a class above a threshold are worth.
///
/// Detections of difficult objects do not count, nor do these objects.
package struct ThresholdOutcome: Sendable, Hashable {
  /// Objects that should be found.
  package var objects = 0
  /// Detections above the threshold.
  package var detections = 0
  /// The right ones among them.
  package var right = 0

  /// The probability that the bound of ``precisionBound`` does not exceed the precision.
  package static let level = 0.95

  /// Counts, 0 where nothing is given.
  package init(objects: Int = 0, detections: Int = 0, right: Int = 0) {
    self.objects = objects
    self.detections = detections
    self.right = right
  }

  /// TP / (TP + FP), 0...1; nil without detections.
  package var precision: Double? { detections > 0 ? Double(right) / Double(detections) : nil }

  /// What the precision is at least with 95 % certainty, one-sided (Clopper and Pearson 1934), for a
  /// threshold that was not searched for on the same images; 0 without detections.
  package var precisionBound: Double {
    1
      - RiskBound.clopperPearson.upper(
        wrong: detections - right, of: detections, confidence: Self.level)
  }

  /// TP / objects, 0...1; nil without objects.
  package var recall: Double? { objects > 0 ? Double(right) / Double(objects) : nil }

  /// 2 TP / (TP + FP + objects), 0...1; nil without detections and objects.
  package var f1: Double? {
    detections + objects > 0 ? 2 * Double(right) / Double(detections + objects) : nil
  }

  /// Both together.
  package static func + (first: Self, second: Self) -> Self {
    ThresholdOutcome(
      objects: first.objects + second.objects, detections: first.detections + second.detections,
      right: first.right + second.right)
  }
}

extension ThresholdOutcome: Codable {
  private enum Key: String, CodingKey {
    case objects, detections, right, precision, precisionBound, recall, f1
  }

  /// Reads the counts; the shares follow from them.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    objects = try container.decode(Int.self, forKey: .objects)
    detections = try container.decode(Int.self, forKey: .detections)
    right = try container.decode(Int.self, forKey: .right)
    guard objects >= 0, right >= 0, right <= min(detections, objects) else {
      throw DecodingError.dataCorruptedError(
        forKey: .right, in: container, debugDescription: "more is right than there is")
    }
  }

  /// Writes counts and shares; a share that is undefined is null.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(objects, forKey: .objects)
    try container.encode(detections, forKey: .detections)
    try container.encode(right, forKey: .right)
    try container.encode(precision, forKey: .precision)
    try container.encode(precisionBound, forKey: .precisionBound)
    try container.encode(recall, forKey: .recall)
    try container.encode(f1, forKey: .f1)
  }
}
