package import Compute
package import Detection
import Geometry

extension YOLOLoss {
  /// The loss of one object by itself, and where it arises.
  package struct ObjectLoss: Hashable, Sendable {
    /// Box, objectness by binary cross-entropy, and classes, without the head's gain.
    package let value: Double
    /// The anchor, in the order H, W, A.
    package let place: Int
    /// The objectness there, 0...1.
    package let objectness: Float
  }

  /// The loss of every object of an image at the anchor of this head that has to find it.
  ///
  /// - Parameters:
  ///   - logits: [N, H, W, A·(5 + L)].
  ///   - image: Which of the N images.
  ///   - truths: Its objects, boxes as fractions of the network input.
  /// - Returns: One entry an object: of several anchors that of the smallest loss; nil for objects of other
  ///   heads and for those that are left out of training.
  package func objectLosses(
    logits: Tensor, image: Int, truths: [GroundTruth]
  ) -> [ObjectLoss?] {
    let assignment = TargetAssignment(
      logits: logits, image: image, truths: truths, head: head, inputWidth: inputWidth,
      inputHeight: inputHeight)
    let grid = PredictionGrid(
      head: .yolo(head), shape: logits.shape, inputWidth: inputWidth, inputHeight: inputHeight)
    var losses = [ObjectLoss?](repeating: nil, count: truths.count)
    // The terms write gradients, which nobody reads here.
    var unread = [Float](repeating: 0, count: logits.count)
    logits.withHostValues { logits in
      unread.withUnsafeMutableBufferPointer { unread in
        let view = HeadLogits(grid, image: image, logits: logits, gradient: unread)
        for positive in assignment.positives {
          let place = view.place(positive)
          let objectness = view.objectness(place, target: 1, weight: 1)
          for index in positive.truthIndices {
            let truth = truths[index]
            let classes = view.classes(place) { logit, entry in
              terms.term(logit: logit, of: entry, isTarget: entry == truth.classIndex)
            }
            let value = objectness.value + classes + box(view, positive, truth)
            if losses[index].map({ $0.value <= value }) ?? false { continue }
            losses[index] = ObjectLoss(
              value: value, place: place, objectness: objectness.probability)
          }
        }
      }
    }
    return losses
  }
}
