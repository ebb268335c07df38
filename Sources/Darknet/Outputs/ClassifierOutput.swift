package import Compute
import Networks

/// A `[softmax]` over all classes, or a `[logistic]`, at the end of a network: the image is classified.
///
/// Training takes the loss on the softmax's input. The cross-entropy of a softmax has the gradient
/// softmax(z) − onehot there, which nothing divides by a probability that may be 0; so the softmax
/// layer itself, like Darknet's, is left out on the way back. So is `[logistic]`, with binary
/// cross-entropy of every class by itself.
package struct ClassifierOutput: OutputMeaning {
  /// The layer whose output is the logits, [N, 1, 1, L]; the loss writes its gradient.
  package let logits: Int
  /// The last layer, whose output is the probabilities.
  package let probabilities: Int
  /// L.
  package let classCount: Int
  /// Whether one class excludes the others, so that probabilities add up to 1: not with `[logistic]`.
  package let isExclusive: Bool
  /// How it is trained.
  package let training: ClassifierTraining
  /// ε of the targets, `label_smooth_eps` of `[net]`.
  package let labelSmoothing: Float

  /// The Bayesian layer beside it; nil: none.
  package var branch: UncertaintyBranch? { training.branch }

  /// A classifier without `[avgpool]` has one cell at some sizes and a map at others.
  package func problem(withOutput output: Shape, ofInput input: Shape) -> String? {
    guard output.height != 1 || output.width != 1 else { return nil }
    return "[\(isExclusive ? "softmax" : "logistic")] gets \(output.width)x\(output.height) cells "
      + "from an input of \(input.width)x\(input.height); one cell of classes is classified"
  }
}
