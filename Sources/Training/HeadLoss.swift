internal import Darknet
internal import Detection
internal import Losses

/// The losses of all heads of a network at one input size.
struct HeadLoss {
  private enum Loss {
    case yolo(YOLOLoss)
    case region(RegionLoss)
  }

  private let losses: [(layer: Int, loss: Loss)]

  init(heads: [Network.Head], inputWidth: Int, inputHeight: Int) {
    losses = heads.map { head in
      switch head.head {
      case .yolo(let yolo):
        (head.layer, .yolo(YOLOLoss(head: yolo, inputWidth: inputWidth, inputHeight: inputHeight)))
      case .region(let region):
        (head.layer, .region(RegionLoss(head: region)))
      }
    }
  }

  /// The loss of each head, summed over the batch; writes the heads' gradients.
  ///
  /// - Parameters:
  ///   - plan: A training plan after its forward pass.
  ///   - truths: The objects of each image, boxes as fractions of the input.
  ///   - seenImages: Images used by training so far, this batch included.
  /// - Returns: One value a head, in layer order.
  func evaluate(
    _ plan: NetworkPlan, truths: [[GroundTruth]], seenImages: Int
  ) -> [DetectionLossValue] {
    losses.map { layer, loss in
      guard let gradient = plan.gradient(of: layer) else {
        preconditionFailure("a head without a gradient in a training plan")
      }
      let logits = plan.output(of: layer)
      return switch loss {
      case .yolo(let loss):
        loss.evaluate(logits: logits, truths: truths, gradient: gradient)
      case .region(let loss):
        loss.evaluate(
          logits: logits, truths: truths, seenImages: seenImages, gradient: gradient)
      }
    }
  }
}
