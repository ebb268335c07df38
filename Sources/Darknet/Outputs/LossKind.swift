/// The losses that networks are trained by, of any task: `loss=` of `[softmax]` and `[heatmap]`, and
/// `objectness_loss=` of `[yolo]`, have those that make sense there.
package enum LossKind: String, CaseIterable, Sendable, Codable {
  /// Cross-entropy of the softmax, as Darknet.
  case crossEntropy
  /// Binary cross-entropy, of every class by itself.
  case bce
  /// Cross-entropy of the hardest images of a batch.
  case ohem
  /// Focal loss.
  case focal
  /// Anchor loss.
  case anchor
  /// Cross-entropy, each decision weighted by its difficulty.
  case uncertainty
  /// Squared error of maps.
  case mse
  /// Squared error of the hardest maps of an image.
  case ohkm
  /// Penalty-reduced focal loss of maps.
  case distanceAware

  /// The same for the objectness of a `[yolo]` head; nil if there is none.
  package var objectness: ObjectnessChoice? { ObjectnessChoice(rawValue: rawValue) }
  /// The same for a classifier; nil if there is none.
  package var classifier: ClassifierChoice? { ClassifierChoice(rawValue: rawValue) }
  /// The same for heatmaps; nil if there is none.
  package var heatmap: HeatmapChoice? { HeatmapChoice(rawValue: rawValue) }
}

/// `loss=` of `[softmax]`.
package enum ClassifierChoice: String, CaseIterable, Sendable, Codable {
  /// Cross-entropy of the softmax, as Darknet.
  case crossEntropy
  /// Binary cross-entropy, of every class by itself.
  case bce
  /// Cross-entropy of the hardest images of a batch.
  case ohem
  /// Focal loss.
  case focal
  /// Anchor loss.
  case anchor
  /// Cross-entropy, each image weighted by its difficulty.
  case uncertainty
}

/// `loss=` of `[heatmap]`.
package enum HeatmapChoice: String, CaseIterable, Sendable, Codable {
  /// Squared error; the map is the output itself.
  case mse
  /// Binary cross-entropy of every pixel.
  case bce
  /// Squared error of the hardest maps of an image.
  case ohkm
  /// Focal loss: `distanceAware` without penalty reduction.
  case focal
  /// Anchor loss.
  case anchor
  /// Penalty-reduced focal loss.
  case distanceAware
  /// Binary cross-entropy, each pixel weighted by its difficulty.
  case uncertainty

  /// Whether pixels are positives only where their target is exactly 1.
  var needsExactPositives: Bool { self == .focal || self == .distanceAware }
}
