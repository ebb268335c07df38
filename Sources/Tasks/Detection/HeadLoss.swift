package import Compute
package import Darknet
package import Detection
package import Losses

/// The losses of all heads of a network at one input size.
package struct HeadLoss {
  private enum Loss {
    case yolo(YOLOHeadLoss)
    case region(RegionLoss)
  }

  /// Where training is, and its random numbers.
  package struct Step {
    /// Weight updates done before this one.
    var iteration = 0
    /// Iterations of burn-in of the run.
    var burnIn = 0
    /// Images used by training so far, this batch included.
    var seenImages = 0
    /// Draws for controls.
    package var random = RandomStream(seed: 0)

    /// A moment of training.
    package init(
      iteration: Int = 0, burnIn: Int = 0, seenImages: Int = 0,
      random: RandomStream = RandomStream(seed: 0)
    ) {
      self.iteration = iteration
      self.burnIn = burnIn
      self.seenImages = seenImages
      self.random = random
    }
  }

  private let losses: [(layer: Int, loss: Loss)]

  package init(network: Network, inputWidth: Int, inputHeight: Int) {
    losses = network.heads.map { head in
      switch head.head {
      case .yolo(let yolo):
        (
          head.layer,
          .yolo(
            YOLOHeadLoss(
              head: yolo, layer: head.layer, nodes: network.nodes, inputWidth: inputWidth,
              inputHeight: inputHeight))
        )
      case .region(let region):
        (head.layer, .region(RegionLoss(head: region)))
      }
    }
  }

  /// The loss of each head, summed over the batch; writes the gradients of heads and branches.
  ///
  /// - Parameters:
  ///   - plan: A training plan after its forward pass.
  ///   - truths: The objects of each image, boxes as fractions of the input.
  ///   - step: Where training is.
  ///   - backend: Does the work.
  /// - Returns: One value a head, in layer order.
  /// - Throws: ``UncertaintyError`` for moments that are not finite; ``ComputeError``.
  package func evaluate(
    _ plan: NetworkPlan, truths: [[GroundTruth]], step: Step, backend: any Backend
  ) throws -> [DetectionLossValue] {
    try losses.map { layer, loss in
      guard let gradient = plan.gradient(of: layer) else {
        preconditionFailure("a head without a gradient in a training plan")
      }
      let logits = plan.output(of: layer)
      return switch loss {
      case .yolo(let loss):
        try loss.evaluate(
          plan, logits: logits, truths: truths, gradient: gradient, step: step, backend: backend)
      case .region(let loss):
        loss.evaluate(
          logits: logits, truths: truths, seenImages: step.seenImages, gradient: gradient)
      }
    }
  }
}
