import Detection
import Geometry

/// An object that was found in a picture.
public struct DetectedObject: Hashable, Sendable {
  /// The name of its class.
  public let className: String
  /// Objectness times the probability of the class, 0...1.
  public let confidence: Float
  /// How probably there is an object at all, 0...1.
  public let objectness: Float
  /// Left edge in pixels of the picture, from 0; may be negative.
  public let left: Float
  /// Top edge in pixels of the picture, from 0; may be negative.
  public let top: Float
  /// Pixels from left to right.
  public let width: Float
  /// Pixels from top to bottom.
  public let height: Float
  /// What a Bayesian branch says; nil for a network without one.
  public let uncertainty: Uncertainty?

  /// How sure a Bayesian branch is of the objectness.
  public struct Uncertainty: Hashable, Sendable {
    /// Mutual information of objectness and weights in bits, 0...1: what the network does not know.
    public let bald: Float
    /// Entropy of the mean objectness in bits, 0...1: everything that is uncertain about it.
    public let entropy: Float
    /// Mean of the objectness logit.
    public let mean: Float
    /// Variance of the objectness logit.
    public let variance: Float
  }

  init(_ detection: Detection, classNames: [String]) {
    className = classNames[detection.classIndex]
    confidence = detection.confidence
    objectness = detection.objectness
    left = detection.box.left
    top = detection.box.top
    width = detection.box.width
    height = detection.box.height
    uncertainty = detection.uncertainty.map {
      Uncertainty(
        bald: $0.bald, entropy: $0.entropy, mean: $0.objectnessMean,
        variance: $0.objectnessVariance)
    }
  }
}
