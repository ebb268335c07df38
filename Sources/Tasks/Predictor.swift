import Compute
package import Datasets
package import Geometry
package import Images
import Layers
package import Networks

/// Turns images into predictions with a network in inference mode.
package final class Predictor<Task: LearningTask> {
  /// The network whose weights are used, as they are at each call.
  package let network: Network
  /// What its outputs mean.
  package let task: Task
  /// How images are brought to it.
  package let input: InputSettings
  private var plans: [Int: NetworkPlan] = [:]

  /// A predictor; memory is planned with the first image.
  package init(network: Network, task: Task, input: InputSettings) {
    self.network = network
    self.task = task
    self.input = input
  }

  /// What the network says about an image, or a region of it, positions in its pixels.
  ///
  /// - Throws: What the task throws for outputs that are not finite; `NetworkError`, `LayerError` or
  ///   `ComputeError` if the network cannot take the input size.
  package func prediction(of image: Image, region: Box? = nil) throws -> Task.Prediction {
    let plan = try run(image, region: region)
    let placement = input.placement(width: image.width, height: image.height, region: region)
    return try task.predictions(plan, placements: [placement])[0]
  }

  /// The maps of an image, or of a region of it, and where they lie in it.
  ///
  /// - Throws: As ``prediction(of:region:)``.
  package func maps<Kind>(
    of image: Image, region: Box? = nil
  ) throws -> (maps: HeatmapTask<Kind>.Maps, placement: ImagePlacement)
  where Task == HeatmapTask<Kind> {
    let plan = try run(image, region: region)
    return (
      try task.maps(plan)[0],
      input.placement(width: image.width, height: image.height, region: region)
    )
  }

  /// The plan of one image, or of a region of it, after its forward pass.
  func run(_ image: Image, region: Box? = nil) throws -> NetworkPlan {
    let plan = try plan(batch: 1)
    let placement = input.placement(width: image.width, height: image.height, region: region)
    ImageSampler(placement, fill: input.fill).render(image, into: plan.input, index: 0)
    plan.forward()
    return plan
  }

  /// What the network says about every image of a batch that was made without augmentation.
  ///
  /// - Throws: As ``prediction(of:)``.
  package func predictions(of batch: Batch<Task.Target>) throws -> [Task.Prediction] {
    try task.predictions(
      run(batch),
      placements: batch.sources.map {
        input.placement(
          width: $0.variation.imageWidth, height: $0.variation.imageHeight,
          region: $0.variation.region)
      })
  }

  /// The plan of a batch after its forward pass.
  func run(_ batch: Batch<Task.Target>) throws -> NetworkPlan {
    let plan = try plan(batch: batch.input.shape.batch)
    plan.input.update(from: batch.input)
    plan.forward()
    return plan
  }

  private func plan(batch: Int) throws -> NetworkPlan {
    if let plan = plans[batch] { return plan }
    // The last batch of a set may be smaller; two plans are the most that is needed.
    let plan = try network.makePlan(
      input: network.inputShape(batch: batch, width: input.width, height: input.height),
      mode: .inference, keepsMoments: task.needsMoments)
    plans[batch] = plan
    return plan
  }
}
