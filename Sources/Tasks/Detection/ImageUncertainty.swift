public import Detection
public import Uncertainty

/// What a Bayesian network says about an image.
public struct ImageUncertainty: Sendable {
  /// The objects found, boxes in pixels of the image.
  public var detections: [Detection]
  /// μ and σ² of every anchor's objectness, one entry a head.
  public var moments: [AnchorMoments] = []
  /// The difficulty of every anchor, one entry a head; empty where the objects are unknown.
  public var difficulties: [UncertaintyMap] = []
}
