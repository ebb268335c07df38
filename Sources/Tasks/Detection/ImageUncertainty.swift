package import Detection
package import Uncertainty

/// What a Bayesian network says about an image.
package struct ImageUncertainty: Sendable {
  /// The objects found, boxes in pixels of the image.
  package var detections: [Detection]
  /// μ and σ² of every anchor's objectness, one entry a head.
  package var moments: [AnchorMoments] = []
  /// The difficulty of every anchor, one entry a head; empty where the objects are unknown.
  package var difficulties: [UncertaintyMap] = []
}
