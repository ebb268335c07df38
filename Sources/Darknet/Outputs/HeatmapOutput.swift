package import Keypoints
package import Networks

/// A `[heatmap]` section: logits that are read as one map for each keypoint.
///
/// Several of them, of a stacked network, are trained alike; the last predicts.
package struct HeatmapOutput: OutputMeaning {
  /// What is looked for.
  package enum Kind: String, CaseIterable, Hashable, Sendable, Codable {
    /// Each keypoint once: the joints of a person.
    case joints
    /// Each keypoint as often as there are objects of its kind: their centres.
    case centers
  }

  /// The layer.
  package let layer: Int
  /// `kind=`.
  package let kind: Kind
  /// `names=`, `flip=`, `skeleton=` and `sigmas=`.
  package let layout: KeypointLayout
  /// Whether the cfg names the keypoints.
  package let isNamed: Bool
  /// How it is trained.
  package let training: HeatmapTraining
  /// `decode=`.
  package let decoder: HeatmapDecoder
  /// `max=`: the most objects of an image that are predicted.
  package let maximumCount: Int
  /// `peak_window=`: side of the window in pixels of the map whose highest pixel is a peak.
  package let peakWindow: Int
}
