/// What a detection turned out to be.
package enum MatchOutcome: Sendable, Hashable {
  /// It found an object that nothing more confident had found.
  case truePositive
  /// It found nothing, or an object already found (a duplicate).
  case falsePositive
  /// It found a difficult object: neither right nor wrong.
  case ignored
}

/// The verdict on one detection.
package struct DetectionMatch: Sendable, Hashable {
  /// Index of the image in the evaluated sequence.
  package let imageIndex: Int
  /// Index into the image's detections.
  package let detectionIndex: Int
  /// The detection's confidence.
  package let confidence: Float
  /// Right, wrong or neither.
  package let outcome: MatchOutcome
  /// Index into the image's objects of the one it overlaps most, nil if it overlaps none.
  package let objectIndex: Int?
  /// IoU with that object, 0...1; 0 if there is none.
  package let overlap: Double
}
