/// How the label of an object can be wrong.
package enum LabelErrorKind: String, CaseIterable, Hashable, Sendable, Codable {
  /// An object has none.
  case missing
  /// There is one where no object is.
  case spurious
  /// Its box is somewhere else than the object.
  case moved
  /// Its class is another.
  case wrongClass

  /// In a table.
  package var title: String {
    switch self {
    case .missing: "missing"
    case .spurious: "spurious"
    case .moved: "moved"
    case .wrongClass: "wrong class"
    }
  }
}

/// A number that claims to be larger where a label is wrong.
package enum SuspicionScore: String, CaseIterable, Hashable, Sendable, Codable {
  /// By confident detections that contradict the label; see ``LabelEvidence``.
  case confidence
  /// The training loss of the object.
  ///
  /// Of a place without a label that of objectness alone, −ln(1 − objectness).
  case loss
  /// BALD of the objectness of the anchor that has to find the object, in bits.
  case bald
  /// The difficulty D of that anchor, 0...1.
  case difficulty

  /// In a table.
  package var title: String {
    switch self {
    case .confidence: "confidence"
    case .loss: "loss"
    case .bald: "BALD"
    case .difficulty: "D"
    }
  }
}
