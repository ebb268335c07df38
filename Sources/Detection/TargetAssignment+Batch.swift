package import Compute

extension TargetAssignment {
  /// The targets of every image of a batch for a `[yolo]` head.
  ///
  /// - Parameters:
  ///   - logits: [N, H, W, A·(5 + L)].
  ///   - truths: The objects of each image, boxes as fractions of the network input.
  ///   - head: The head.
  ///   - inputWidth: Width of the network input in pixels.
  ///   - inputHeight: Height of the network input in pixels.
  /// - Returns: N assignments.
  package static func batch(
    logits: Tensor, truths: [[GroundTruth]], head: YOLOHead, inputWidth: Int, inputHeight: Int
  ) -> [TargetAssignment] {
    precondition(truths.count == logits.shape.batch, "\(truths.count) images, \(logits.shape)")
    return truths.indices.map {
      TargetAssignment(
        logits: logits, image: $0, truths: truths[$0], head: head, inputWidth: inputWidth,
        inputHeight: inputHeight)
    }
  }

  /// The same for a `[region]` head, whose anchors are in grid cells.
  package static func batch(
    logits: Tensor, truths: [[GroundTruth]], head: RegionHead
  ) -> [TargetAssignment] {
    precondition(truths.count == logits.shape.batch, "\(truths.count) images, \(logits.shape)")
    return truths.indices.map {
      TargetAssignment(logits: logits, image: $0, truths: truths[$0], head: head)
    }
  }
}
