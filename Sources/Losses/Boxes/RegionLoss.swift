package import Compute
package import Detection
import Geometry

/// The loss of a YOLOv2 head, with Darknet's targets and gradients.
///
/// Redmon and Farhadi, YOLO9000 (arXiv 1612.08242). With the targets of ``TargetAssignment``, summed
/// over anchors and images:
///
///     box:            coordScale · (2 − truth area) · { BCE of the centre, ½ squared error of w, h }
///     objectness:     objectScale · BCE(σ(o), t) of positives, noObjectScale · BCE(σ(o), 0) of
///                     negatives; t = 1, or with `rescore` the IoU of the decoded box with the truth
///     classification: classScale · softmax cross-entropy, or Σ BCE without `softmax`, of positives
///
/// t is a constant of the gradient. Two truths on one anchor: the later one's box and, under
/// softmax, its class count. While fewer than 12 800 images were seen, every anchor without an
/// object is drawn to the middle of its cell and its anchor's size, by a box loss of weight .01.
/// Gradients are those of Darknet's current code, which takes σ and BCE together; its first releases
/// used squared errors of σ.
package struct RegionLoss: Sendable {
  /// The head.
  package let head: RegionHead

  /// The number of images during which boxes are drawn to their anchors.
  package static let priorImageCount = 12_800
  private static let priorWeight: Float = 0.01

  /// The loss of a head; the anchors are in grid cells, so the input size is not needed.
  package init(head: RegionHead) {
    self.head = head
  }

  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, H, W, A·(5 + L)].
  ///   - truths: The objects of each image, boxes as fractions of the network input.
  ///   - assignments: The targets if they are known already; nil: they are made.
  ///   - seenImages: How many images training has used so far, this batch included.
  ///   - gradient: As `logits`.
  /// - Returns: Sums over the batch.
  package func evaluate(
    logits: Tensor, truths: [[GroundTruth]], assignments: [TargetAssignment]? = nil,
    seenImages: Int, gradient: Tensor
  ) -> DetectionLossValue {
    let assignments =
      assignments ?? TargetAssignment.batch(logits: logits, truths: truths, head: head)
    // The input size plays no part: the anchors are in cells.
    let grid = PredictionGrid(
      head: .region(head), shape: logits.shape, inputWidth: 1, inputHeight: 1)
    precondition(gradient.count == logits.count, "gradient \(gradient.shape) of \(logits.shape)")
    precondition(assignments.count == logits.shape.batch, "assignments of another batch")
    var value = DetectionLossValue()
    logits.withHostValues { logits in
      gradient.withMutableHostValues { gradient in
        gradient.update(repeating: 0)
        for (image, assignment) in assignments.enumerated() {
          let view = HeadLogits(grid, image: image, logits: logits, gradient: gradient)
          if seenImages < RegionLoss.priorImageCount { addPrior(view, assignment, to: &value) }
          addNegatives(view, assignment, to: &value)
          addPositives(view, assignment, truths[image], to: &value)
        }
      }
    }
    return value
  }

  private func addPrior(
    _ view: HeadLogits, _ assignment: TargetAssignment, to value: inout DetectionLossValue
  ) {
    let grid = view.grid
    for row in 0..<grid.height {
      for column in 0..<grid.width {
        for (anchor, size) in grid.anchors.enumerated() {
          let place = grid.index(row: row, column: column, anchor: anchor)
          guard assignment.states[place] != .positive else { continue }
          let prior = Box(
            centerX: (Float(column) + 0.5) / Float(grid.width),
            centerY: (Float(row) + 0.5) / Float(grid.height), width: size.width,
            height: size.height)
          value.box += view.box(
            prior, row: row, column: column, anchor: anchor, weight: RegionLoss.priorWeight)
        }
      }
    }
  }

  private func addNegatives(
    _ view: HeadLogits, _ assignment: TargetAssignment, to value: inout DetectionLossValue
  ) {
    for (place, state) in assignment.states.enumerated() {
      switch state {
      case .positive:
        continue
      case .ignored:
        value.ignoredCount += 1
      case .negative:
        let term = view.objectness(place, target: 0, weight: head.noObjectScale)
        value.objectness += term.value
        value.negativeCount += 1
        value.negativeObjectnessSum += Double(term.probability)
      }
    }
  }

  private func addPositives(
    _ view: HeadLogits, _ assignment: TargetAssignment, _ truths: [GroundTruth],
    to value: inout DetectionLossValue
  ) {
    for positive in assignment.positives {
      let place = view.place(positive)
      let truth = truths[positive.truthIndex]
      let overlap = view.decodedBox(positive).intersectionOverUnion(with: truth.box)
      value.box += view.box(
        truth.box, row: positive.row, column: positive.column, anchor: positive.anchor,
        weight: head.coordScale * (2 - truth.box.area))
      let objectness = view.objectness(
        place, target: head.rescore ? overlap : 1, weight: head.objectScale)
      value.objectness += objectness.value
      value.classification +=
        head.softmax
        ? view.softmaxClass(place, class: truth.classIndex, weight: head.classScale)
        : view.logisticClasses(place, classes: positive.classes, weight: head.classScale)
      value.positiveCount += 1
      value.positiveObjectnessSum += Double(objectness.probability)
      value.addOverlap(overlap)
    }
  }
}
