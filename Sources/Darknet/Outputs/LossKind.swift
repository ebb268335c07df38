/// The losses that networks are trained by: `loss=` of `[softmax]`, and those of them that `[yolo]` has
/// in `objectness_loss=`.
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

  /// The same for the objectness of a `[yolo]` head; nil if there is none.
  package var objectness: ObjectnessChoice? { ObjectnessChoice(rawValue: rawValue) }
}
