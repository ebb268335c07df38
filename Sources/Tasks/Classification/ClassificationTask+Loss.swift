import Compute
import Darknet
package import Datasets
import Layers
import Losses
package import Networks
import Uncertainty

extension ClassificationTask {
  /// The loss that the cfg asks for, summed over the images; writes the gradients of logits and branch.
  ///
  ///     L = gain · Σ w ℓ + branch weight · Σ cross-entropy of the branch + divergence of learned λ
  ///
  /// ℓ is the loss of an image; w is 1, or the image's difficulty, a constant of the gradient: D of the
  /// uncertainty that the branch gives and of whether the class with the largest logit is the image's
  /// (of several the one with the largest share). During the warm-up ℓ is cross-entropy and w is 1. What
  /// is relative to a batch, the hardest images, ranks, means and permutations, is so to the images that
  /// are run together.
  ///
  /// - Throws: `UncertaintyError` for moments that are not finite beside losses that are.
  package func loss(
    _ plan: NetworkPlan, targets: [ClassShares], step: LossStep
  ) throws -> LossValue {
    let training = output.training
    let isWarm = training.isWarm(iteration: step.iteration, epoch: step.epoch)
    let (logits, gradient) = (plan.output(of: output.logits), gradient(plan, of: output.logits))
    var value = evaluate(
      isWarm ? training.loss : .crossEntropy, logits: logits, targets, gradient: gradient)
    var auxiliary: Double?
    if let branch = output.branch {
      let own = self.gradient(plan, of: branch.layer)
      let loss = evaluate(
        .crossEntropy, logits: plan.output(of: branch.layer), targets, gradient: own
      ).loss
      if branch.weight != 1 {
        own.withMutableHostValues { for i in $0.indices { $0[i] *= branch.weight } }
      }
      auxiliary =
        Double(branch.weight) * loss
        + Double(targets.count)
        * layers.reduce(0) { $0 + $1.weightedDivergence(at: step.iteration) }
      // Of a loss that is not finite the trainer tells, with the images.
      if training.isWeighted, isWarm, value.loss.isFinite, loss.isFinite {
        let weights = try weights(plan, of: branch, value, step)
        value.weigh(by: weights, gradient: gradient)
      }
    }
    if training.gain != 1 {
      value.weigh(
        by: [Float](repeating: training.gain, count: targets.count), gradient: gradient)
    }
    return LossValue(
      parts: lossParts, outputs: [[value.loss] + [auxiliary].compactMap { $0 }])
  }

  /// The weight of each image.
  private func weights(
    _ plan: NetworkPlan, of branch: UncertaintyBranch, _ value: ClassificationLossValue,
    _ step: LossStep
  ) throws -> [Float] {
    guard let uncertainty, let moments = plan.moments(of: branch.layer) else {
      preconditionFailure("a weighted loss without moments in a training plan")
    }
    let (means, variances) = (moments.mean.values, moments.variance.values)
    let difficulty = output.training.difficulty
    // U is to be in 0...1; a logistic map and ranks make it so of any bits.
    let scale = difficulty.map == .raw ? 1 / uncertainty.maximum : 1
    let bits = try value.predictions.enumerated().map { image, predicted in
      let classes = image * classCount..<(image + 1) * classCount
      return try scale
        * uncertainty.bits(
          means: means[classes], variances: variances[classes], predicted: predicted)
    }
    // Images are what anchors are to a detector: the units of one batch.
    return try difficulty.weights(
      bits: bits, units: JudgedUnits(imageCount: 1, isCorrect: value.isCorrect),
      random: step.random)
  }

  private func gradient(_ plan: NetworkPlan, of layer: Int) -> Tensor {
    guard let gradient = plan.gradient(of: layer) else {
      preconditionFailure("logits without a gradient in a training plan")
    }
    return gradient
  }

  private func evaluate(
    _ loss: ClassifierLoss, logits: Tensor, _ targets: [ClassShares], gradient: Tensor
  ) -> ClassificationLossValue {
    loss.evaluate(
      logits: logits, labels: targets.map(\.label),
      mixtures: targets.map { target in
        target.isPlain ? [] : target.shares.map { (label: $0.label, share: $0.share) }
      },
      smoothing: output.labelSmoothing, gradient: gradient)
  }

  /// Focal and anchor loss have one right class.
  package func problem(with mixing: PictureMixing) -> String? {
    guard !mixing.isEmpty, !output.training.loss.takesSharedTargets else { return nil }
    let keys = [
      (mixing.mosaic, "mosaic"), (mixing.mixup, "mixup"), (mixing.cutMix, "cutmix"),
    ].filter(\.0).map(\.1)
    return
      "loss= of [softmax] asks for one right class, and \(keys.joined(separator: " and ")) gives "
      + "pictures several; leave it out, or take crossEntropy, bce, ohem or uncertainty"
  }
}
