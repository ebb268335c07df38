import Compute
import Darknet
import Detection
package import Keypoints
import Layers
import Losses
package import Networks
import Uncertainty

extension HeatmapTask {
  /// The loss that the cfg asks for, of every `[heatmap]`, summed over the images; writes the gradients of
  /// logits and branches.
  ///
  ///     L = gain · Σ over maps + branch weight · Σ BCE of the branch + divergence of learned λ
  ///
  /// See `HeatmapLoss`. Where the loss is weighted, w of a pixel is its difficulty, a constant of the
  /// gradient: D of the mutual information that the branch gives and of whether map and target are on the
  /// same side of ½. During the warm-up the loss is plain cross-entropy with the same normalisation.
  ///
  /// - Throws: `UncertaintyError` for moments that are not finite beside losses that are; `ComputeError`.
  package func loss(
    _ plan: NetworkPlan, targets truths: [KeypointTruth], step: LossStep
  ) throws -> LossValue {
    var drawn: (training: HeatmapTraining, targets: HeatmapTargets)?
    let values = try outputs.map { output -> [Double] in
      let logits = plan.output(of: output.layer)
      let own: HeatmapTargets
      // The maps of a stacked network are usually drawn alike.
      if let drawn, drawn.targets.maps.shape == logits.shape,
        drawn.training.drawsLike(output.training)
      {
        own = drawn.targets
      } else {
        own = try targets(of: output, shape: logits.shape, truths: truths)
        drawn = (output.training, own)
      }
      return try loss(plan, output, own, step)
    }
    return LossValue(parts: lossParts, outputs: values)
  }

  private func loss(
    _ plan: NetworkPlan, _ output: HeatmapOutput, _ targets: HeatmapTargets, _ step: LossStep
  ) throws -> [Double] {
    let training = output.training
    let logits = plan.output(of: output.layer)
    let isWarm = step.iteration >= training.warmUp
    var loss = training.loss
    if !isWarm { loss.term = .crossEntropy }
    var auxiliary = 0.0
    var weights: [Float]?
    if let branch = training.branch {
      let own = gradient(plan, of: branch.layer)
      let plain = HeatmapLoss(.crossEntropy, normalization: loss.normalization)
      auxiliary =
        Double(branch.weight)
        * plain.evaluate(
          logits: plan.output(of: branch.layer), targets: targets, gradient: own)
      if branch.weight != 1 { scale(own, by: branch.weight) }
      if training.isWeighted, isWarm, auxiliary.isFinite {
        weights = try self.weights(plan, of: branch, training, logits, targets, step)
      }
    }
    if !branchLayers.isEmpty, output.layer == self.output.layer {
      auxiliary +=
        Double(logits.shape.batch)
        * branchLayers.reduce(0) { $0 + $1.weightedDivergence(at: step.iteration) }
    }
    let gradient = gradient(plan, of: output.layer)
    let value = loss.evaluate(
      logits: logits, targets: targets, weights: weights, gradient: gradient)
    if training.gain != 1 { scale(gradient, by: training.gain) }
    return [Double(training.gain) * value] + (branchLayers.isEmpty ? [] : [auxiliary])
  }

  /// The difficulty of each pixel.
  private func weights(
    _ plan: NetworkPlan, of branch: UncertaintyBranch, _ training: HeatmapTraining,
    _ logits: Tensor, _ targets: HeatmapTargets, _ step: LossStep
  ) throws -> [Float] {
    guard let moments = plan.moments(of: branch.layer) else {
      preconditionFailure("a weighted loss without moments in a training plan")
    }
    let shape = logits.shape
    let labelled = targets.isLabelled
    let counts = (0..<shape.count).map { index in
      labelled[index / shape.countPerImage * shape.channels + index % shape.channels]
    }
    // A map is on the side of its keypoint where its logit is above 0.
    let isCorrect = logits.withHostValues { logits in
      targets.maps.withHostValues { targets in
        logits.indices.map { (logits[$0] > 0) == (targets[$0] > 0.5) }
      }
    }
    let bits = try training.difficulty.bits(
      means: moments.mean.values, variances: moments.variance.values, counts: counts)
    return try training.difficulty.weights(
      bits: bits,
      units: JudgedUnits(imageCount: shape.batch, isCorrect: isCorrect, counts: counts),
      random: step.random.split(UInt64(branch.layer)))
  }

  private func gradient(_ plan: NetworkPlan, of layer: Int) -> Tensor {
    guard let gradient = plan.gradient(of: layer) else {
      preconditionFailure("maps without a gradient in a training plan")
    }
    return gradient
  }

  private func scale(_ gradient: Tensor, by factor: Float) {
    gradient.withMutableHostValues { for i in $0.indices { $0[i] *= factor } }
  }
}

extension HeatmapTraining {
  /// Whether the same maps are drawn.
  fileprivate func drawsLike(_ other: HeatmapTraining) -> Bool {
    target == other.target && standardDeviation == other.standardDeviation && reach == other.reach
      && radiusRule == other.radiusRule && minimumOverlap == other.minimumOverlap
      && isSubpixel == other.isSubpixel && trainsOccluded == other.trainsOccluded
  }
}
