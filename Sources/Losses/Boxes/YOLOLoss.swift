package import Compute
package import Detection
import Geometry

/// The loss of a YOLOv3 head, with Darknet's targets and gradients.
///
/// Redmon and Farhadi, YOLOv3 (arXiv 1804.02767). With the targets of ``TargetAssignment``, summed
/// over anchors and images (divide by the batch size in the weight update, as Darknet does):
///
///     box:            (2 − truth area) · { BCE of the centre in its cell, ½ squared error of w, h }
///     objectness:     weight · BCE(σ(o), 1) of positives, weight · BCE(σ(o), 0) of negatives,
///                     or another ``ObjectnessLoss`` of the two
///     classification: Σ BCE over the classes, of positives; several classes may be right
///
/// The truth area is a fraction of the input's. Ignored anchors have neither loss nor gradient. The
/// centre term with `scale_x_y` ≠ 1 keeps Darknet's gradient, weight · (decoded − target): see
/// ``HeadLogits``. Darknet prints the squared norm of the gradient; this is the loss itself.
package struct YOLOLoss: Sendable {
  /// The head.
  package let head: YOLOHead
  /// Width of the network input in pixels.
  package let inputWidth: Int
  /// Height of the network input in pixels.
  package let inputHeight: Int
  /// The loss of the objectness; Darknet's is binary cross-entropy.
  package let objectnessLoss: ObjectnessLoss

  /// The loss of a head of a network with the given input size in pixels.
  ///
  /// - Parameters:
  ///   - head: The head.
  ///   - inputWidth: Width of the network input.
  ///   - inputHeight: Height of the network input.
  ///   - objectnessLoss: The loss of the objectness; it must be valid.
  package init(
    head: YOLOHead, inputWidth: Int, inputHeight: Int,
    objectnessLoss: ObjectnessLoss = .binaryCrossEntropy
  ) {
    precondition(objectnessLoss.isValid, "\(objectnessLoss) is out of range")
    self.head = head
    self.inputWidth = inputWidth
    self.inputHeight = inputHeight
    self.objectnessLoss = objectnessLoss
  }

  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, H, W, A·(5 + L)].
  ///   - truths: The objects of each image, boxes as fractions of the network input.
  ///   - assignments: The targets if they are known already; nil: they are made.
  ///   - objectnessWeights: A factor for the objectness loss of every anchor, in the order N, H, W,
  ///     A, taken as constant; nil: all 1.
  ///   - gradient: As `logits`.
  /// - Returns: Sums over the batch.
  package func evaluate(
    logits: Tensor, truths: [[GroundTruth]], assignments: [TargetAssignment]? = nil,
    objectnessWeights: [Float]? = nil, gradient: Tensor
  ) -> DetectionLossValue {
    let assignments =
      assignments
      ?? TargetAssignment.batch(
        logits: logits, truths: truths, head: head, inputWidth: inputWidth,
        inputHeight: inputHeight)
    let grid = PredictionGrid(
      head: .yolo(head), shape: logits.shape, inputWidth: inputWidth, inputHeight: inputHeight)
    precondition(gradient.count == logits.count, "gradient \(gradient.shape) of \(logits.shape)")
    precondition(assignments.count == logits.shape.batch, "assignments of another batch")
    precondition(
      objectnessWeights.map { $0.count == grid.anchorCount * assignments.count } ?? true,
      "objectness weights are not one per anchor")
    var value = DetectionLossValue()
    logits.withHostValues { logits in
      gradient.withMutableHostValues { gradient in
        gradient.update(repeating: 0)
        for (image, assignment) in assignments.enumerated() {
          let view = HeadLogits(grid, image: image, logits: logits, gradient: gradient)
          addObjectness(
            view, assignment, objectnessWeights.map { $0[(image * grid.anchorCount)...] },
            to: &value)
          addPositives(view, assignment, truths[image], to: &value)
        }
      }
    }
    return value
  }

  private func addObjectness(
    _ view: HeadLogits, _ assignment: TargetAssignment, _ weights: ArraySlice<Float>?,
    to value: inout DetectionLossValue
  ) {
    let largestPositive = view.largestObjectness(assignment.positives)
    for (place, state) in assignment.states.enumerated() {
      let weight = weights.map { $0[$0.startIndex + place] } ?? 1
      switch state {
      case .ignored:
        value.ignoredCount += 1
      case .negative:
        let term = view.objectness(
          place, isPositive: false, largestPositive: largestPositive, loss: objectnessLoss,
          weight: weight)
        value.objectness += term.value
        value.negativeCount += 1
        value.negativeObjectnessSum += Double(term.probability)
      case .positive:
        let term = view.objectness(
          place, isPositive: true, largestPositive: largestPositive, loss: objectnessLoss,
          weight: weight)
        value.objectness += term.value
        value.positiveCount += 1
        value.positiveObjectnessSum += Double(term.probability)
      }
    }
  }

  private func addPositives(
    _ view: HeadLogits, _ assignment: TargetAssignment, _ truths: [GroundTruth],
    to value: inout DetectionLossValue
  ) {
    for positive in assignment.positives {
      let truth = truths[positive.truthIndex].box
      value.box += view.box(
        truth, row: positive.row, column: positive.column, anchor: positive.anchor,
        weight: 2 - truth.area)
      value.classification += view.logisticClasses(
        view.place(positive), classes: positive.classes, weight: 1)
      value.addOverlap(view.decodedBox(positive).intersectionOverUnion(with: truth))
    }
  }
}
