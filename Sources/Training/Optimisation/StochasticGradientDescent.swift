package import Compute
package import Layers
package import Networks

/// Gradient descent with momentum and Darknet's weight decay.
///
///     v ← momentum · v + c · g / batch + weightDecay · w,   w ← w − f · rate · v
///
/// f is the layer's own factor, 1 for most; where a layer holds its parameters, neither v nor w
/// changes. g is the gradient summed over the images of the batch, c ≤ 1 the factor of gradient clipping.
/// Decay is added to the gradient, so it passes through the momentum, and applies to weights only:
/// not to biases, nor to the scales of batch normalisation.
package struct StochasticGradientDescent {
  /// The numbers that stay the same over a run.
  package struct Settings: Sendable, Equatable, Codable {
    /// The share of the last step that the next one keeps, 0 ..< 1.
    package var momentum: Float
    /// The pull of weights towards 0.
    package var weightDecay: Float
    /// Images whose gradients are summed for one update, all subdivisions together.
    package var batch: Int
    /// The largest norm of a gradient (mean over the batch, all parameters together); nil: any.
    package var maximumGradientNorm: Double?

    /// Darknet's numbers for YOLOv3, without clipping.
    package init(
      momentum: Float = 0.9, weightDecay: Float = 0.0005, batch: Int = 64,
      maximumGradientNorm: Double? = nil
    ) {
      self.momentum = momentum
      self.weightDecay = weightDecay
      self.batch = batch
      self.maximumGradientNorm = maximumGradientNorm
    }
  }

  /// The numbers that stay the same over a run.
  package let settings: Settings
  /// What is updated: everything handed over that has a gradient.
  package let parameters: [Parameter]
  /// v: one tensor for each of ``parameters``, 0 at first.
  package let velocities: [Tensor]
  /// How the layer of each takes part.
  private let trainings: [LayerTraining]

  /// An optimiser at rest for the parameters of a network, its velocities on `memory`.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(
    _ named: [Network.NamedParameter], settings: Settings = Settings(),
    on memory: any MemorySource
  ) throws {
    try self.init(named.map { ($0.parameter, $0.training) }, settings: settings, on: memory)
  }

  /// An optimiser at rest for parameters that all learn, its velocities on `memory`.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(
    _ parameters: [Parameter], settings: Settings = Settings(), on memory: any MemorySource
  ) throws {
    try self.init(parameters.map { ($0, LayerTraining()) }, settings: settings, on: memory)
  }

  /// Statistics among the parameters are left out.
  private init(
    _ pairs: [(Parameter, LayerTraining)], settings: Settings, on memory: any MemorySource
  ) throws {
    let learned = pairs.filter { $0.0.gradient != nil }
    self.settings = settings
    parameters = learned.map(\.0)
    trainings = learned.map(\.1)
    velocities = try self.parameters.map { try Tensor($0.values.shape, on: memory) }
  }

  /// Whether a parameter changes at some time.
  package var learns: Bool {
    trainings.contains { $0.rateFactor(at: LayerTraining.longRun) != nil }
  }

  /// The Euclidean norm of the mean gradient over all parameters that change after `iteration`
  /// updates, added up in their order.
  package func gradientNorm(iteration: Int = 0, using backend: any Backend) -> Double {
    var sum = 0.0
    for (parameter, training) in zip(parameters, trainings) {
      guard let gradient = parameter.gradient, training.rateFactor(at: iteration) != nil else {
        continue
      }
      sum += backend.sumOfSquares(gradient)
    }
    return sum.squareRoot() / Double(settings.batch)
  }

  /// c: what the gradients are multiplied by, given their norm.
  package func clippingFactor(norm: Double) -> Float {
    guard let limit = settings.maximumGradientNorm, norm > limit else { return 1 }
    return Float(limit / norm)
  }

  /// Updates the parameters from their gradients and sets the gradients to 0.
  ///
  /// Layers that keep something computed from their parameters must be told afterwards.
  ///
  /// - Parameters:
  ///   - rate: The learning rate of this iteration.
  ///   - clippingFactor: c, see ``clippingFactor(norm:)``.
  ///   - iteration: Updates made so far.
  ///   - backend: Does the work.
  package func update(
    rate: Double, clippingFactor: Float = 1, iteration: Int = 0, using backend: any Backend
  ) {
    for (index, parameter) in parameters.enumerated() {
      guard let gradient = parameter.gradient else { continue }
      if let factor = trainings[index].rateFactor(at: iteration) {
        backend.updateSGD(
          parameter.values, velocity: velocities[index], gradient: gradient,
          rate: Float(rate) * factor, momentum: settings.momentum,
          decay: parameter.decays ? settings.weightDecay : 0,
          gradientScale: clippingFactor / Float(settings.batch))
      }
      backend.fill(gradient, with: 0)
    }
  }
}
