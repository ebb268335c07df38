import Detection

/// A number per detection that claims to know which detections are wrong.
public enum UncertaintyScore: String, Sendable, CaseIterable {
  /// One minus the confidence: what every other score has to beat.
  case confidence
  /// The mutual information of objectness and weights.
  case bald
  /// The entropy of the mean objectness.
  case entropy
  /// One minus the mean objectness.
  case objectnessMean
  /// The variance of the objectness.
  case objectnessVariance

  /// The score of a detection, larger for less certain ones; nil if the detection lacks it.
  public func value(of detection: Detection) -> Double? {
    switch self {
    case .confidence: 1 - Double(detection.confidence)
    case .bald: detection.uncertainty.map { Double($0.bald) }
    case .entropy: detection.uncertainty.map { Double($0.entropy) }
    case .objectnessMean: detection.uncertainty.map { 1 - Double($0.objectnessMean) }
    case .objectnessVariance: detection.uncertainty.map { Double($0.objectnessVariance) }
    }
  }
}
