/// What a detection turned out to be.
public enum MatchOutcome: Sendable, Hashable {
  /// It found an object that nothing more confident had found.
  case truePositive
  /// It found nothing, or an object already found (a duplicate).
  case falsePositive
  /// It found a difficult object: neither right nor wrong.
  case ignored
}

/// The verdict on one detection.
public struct DetectionMatch: Sendable, Hashable {
  /// Index of the image in the evaluated sequence.
  public let imageIndex: Int
  /// Index into the image's detections.
  public let detectionIndex: Int
  /// The detection's confidence.
  public let confidence: Float
  /// Right, wrong or neither.
  public let outcome: MatchOutcome
  /// Index into the image's objects of the one it overlaps most, nil if it overlaps none.
  public let objectIndex: Int?
  /// IoU with that object, 0...1; 0 if there is none.
  public let overlap: Double
}
