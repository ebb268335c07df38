package import Compute
package import Detection
import Geometry

/// The loss of a YOLOv3 or later head, with Darknet's targets.
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
///
/// What ``YOLOTerms`` change, with the factor f of the truth's class and n classes on the anchor:
///
///     box:            f · boxWeight · (1 − overlap), or boxWeight times the squared error, summed over
///                     the anchor's truths; divided by n if `iou_thresh` makes several anchors positive
///     objectness:     f · of positives, not with `objectness_smooth`
///     classification: classWeight · Σ f · BCE(σ(c), t (1 − ε) + ε/2), with f for the right classes
///                     alone; focal: classWeight · Σ f · ½ |t − σ(c)|² BCE(σ(c), t)
///     all:            gain · ( … )
///
/// AlexeyAB's Darknet applies `cls_normalizer` only together with `counters_per_class` and only to the
/// right class; divides by every class whose logit should rise, with ε that of a wrong one too; and
/// weighs the class gradients of `focal_loss` alike, which is the derivative of no loss.
package struct YOLOLoss: Sendable {
  /// The head.
  package let head: YOLOHead
  /// Width of the network input in pixels.
  package let inputWidth: Int
  /// Height of the network input in pixels.
  package let inputHeight: Int
  /// The loss of the objectness; Darknet's is binary cross-entropy.
  package let objectnessLoss: ObjectnessLoss
  /// What the section says about boxes and classes.
  package let terms: YOLOTerms

  /// The loss of a head of a network with the given input size in pixels.
  ///
  /// - Parameters:
  ///   - head: The head.
  ///   - inputWidth: Width of the network input.
  ///   - inputHeight: Height of the network input.
  ///   - objectnessLoss: The loss of the objectness; it must be valid.
  ///   - terms: The losses of boxes and classes.
  package init(
    head: YOLOHead, inputWidth: Int, inputHeight: Int,
    objectnessLoss: ObjectnessLoss = .binaryCrossEntropy, terms: YOLOTerms = YOLOTerms()
  ) {
    precondition(objectnessLoss.isValid, "\(objectnessLoss) is out of range")
    precondition(
      terms.classFactors.map { $0.count == head.classCount } ?? true, "factors of other classes")
    self.head = head
    self.inputWidth = inputWidth
    self.inputHeight = inputHeight
    self.objectnessLoss = objectnessLoss
    self.terms = terms
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
            view, assignment, truths[image],
            objectnessWeights.map { $0[(image * grid.anchorCount)...] }, to: &value)
          addPositives(view, assignment, truths[image], to: &value)
        }
        guard terms.gain != 1 else { return }
        for index in gradient.indices { gradient[index] *= terms.gain }
      }
    }
    value.scaleLosses(by: Double(terms.gain))
    return value
  }

  private func addObjectness(
    _ view: HeadLogits, _ assignment: TargetAssignment, _ truths: [GroundTruth],
    _ weights: ArraySlice<Float>?, to value: inout DetectionLossValue
  ) {
    let largestPositive = view.largestObjectness(assignment.positives)
    let factors = objectnessFactors(view, assignment, truths)
    for (place, state) in assignment.states.enumerated() {
      guard state != .ignored else {
        value.ignoredCount += 1
        continue
      }
      let weight = weights.map { $0[$0.startIndex + place] } ?? 1
      let term = view.objectness(
        place, target: assignment.objectnessTarget(place), largestPositive: largestPositive,
        loss: objectnessLoss, weight: weight * (factors[place] ?? 1))
      value.objectness += term.value
      if state == .positive {
        value.positiveCount += 1
        value.positiveObjectnessSum += Double(term.probability)
      } else {
        value.negativeCount += 1
        value.negativeObjectnessSum += Double(term.probability)
      }
    }
  }

  /// The factors of classes on the objectness of their anchors, by place.
  private func objectnessFactors(
    _ view: HeadLogits, _ assignment: TargetAssignment, _ truths: [GroundTruth]
  ) -> [Int: Float] {
    guard terms.classFactors != nil, !head.smoothsObjectness else { return [:] }
    var factors: [Int: Float] = [:]
    for positive in assignment.positives {
      factors[view.place(positive)] = terms.factor(
        ofClass: truths[positive.truthIndex].classIndex)
    }
    return factors
  }

  private func addPositives(
    _ view: HeadLogits, _ assignment: TargetAssignment, _ truths: [GroundTruth],
    to value: inout DetectionLossValue
  ) {
    for positive in assignment.positives {
      let indices = terms.sumsTruths ? positive.truthIndices[...] : positive.truthIndices.suffix(1)
      for index in indices { value.box += box(view, positive, truths[index]) }
      value.classification += view.classes(view.place(positive)) { logit, index in
        terms.term(logit: logit, of: index, isTarget: positive.classes.contains(index))
      }
      value.addOverlap(
        view.decodedBox(positive).intersectionOverUnion(with: truths[positive.truthIndex].box))
    }
  }

  func box(
    _ view: HeadLogits, _ positive: TargetAssignment.Positive, _ truth: GroundTruth
  ) -> Double {
    let weight = terms.boxWeight * terms.factor(ofClass: truth.classIndex)
    let share = head.shapeThreshold < 1 ? 1 / Float(positive.classes.count) : 1
    guard let measure = terms.overlap else {
      return view.box(
        truth.box, row: positive.row, column: positive.column, anchor: positive.anchor,
        weight: (2 - truth.box.area) * weight * share)
    }
    return view.overlap(
      truth.box, positive, measure: measure, weight: weight, limit: terms.largestBoxDerivative,
      share: share)
  }
}
