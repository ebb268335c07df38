import Compute
import Layers

/// Where a network that classifies images ends: a `[softmax]` over all classes, last.
///
/// Training takes the loss on the softmax's input. The cross-entropy of a softmax has the gradient
/// softmax(z) − onehot there, which nothing divides by a probability that may be 0; so the softmax
/// layer itself, like Darknet's, is left out on the way back.
package struct Classifier: Hashable, Sendable {
  /// The layer whose output is the logits, [N, 1, 1, L]; the loss writes its gradient.
  package let logits: Int
  /// The last layer, whose output is the probabilities.
  package let probabilities: Int
  /// L.
  package let classCount: Int

  /// Nil if the last layer is no softmax over the channels of one cell, or if there are heads.
  init?(_ nodes: [LayerNode]) {
    guard let last = nodes.last, let softmax = last.layer as? Softmax, softmax.groups == 1,
      last.inputs[0] >= 0, last.outputShape.rows == 1, nodes.allSatisfy({ $0.head == nil })
    else { return nil }
    logits = last.inputs[0]
    probabilities = nodes.count - 1
    classCount = last.outputShape.channels
  }
}
