package import Compute
package import Layers

/// Gradient descent with momentum and Darknet's weight decay.
///
///     v ← momentum · v + c · g / batch + weightDecay · w,   w ← w − rate · v
///
/// g is the gradient summed over the images of the batch, c ≤ 1 the factor of gradient clipping.
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

  /// An optimiser at rest, its velocities on `memory`; statistics among the parameters are left out.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(
    _ parameters: [Parameter], settings: Settings = Settings(), on memory: any MemorySource
  ) throws {
    self.settings = settings
    self.parameters = parameters.filter { $0.gradient != nil }
    velocities = try self.parameters.map { try Tensor($0.values.shape, on: memory) }
  }

  /// The Euclidean norm of the mean gradient over all parameters, added up in their order.
  package func gradientNorm(using backend: any Backend) -> Double {
    var sum = 0.0
    for parameter in parameters {
      if let gradient = parameter.gradient { sum += backend.sumOfSquares(gradient) }
    }
    return sum.squareRoot() / Double(settings.batch)
  }

  /// c: what the gradients are multiplied by, given their norm.
  package func clippingFactor(norm: Double) -> Float {
    guard let limit = settings.maximumGradientNorm, norm > limit else { return 1 }
    return Float(limit / norm)
  }

  /// Updates all parameters from their gradients and sets the gradients to 0.
  ///
  /// Layers that keep something computed from their parameters must be told afterwards.
  ///
  /// - Parameters:
  ///   - rate: The learning rate of this iteration.
  ///   - clippingFactor: c, see ``clippingFactor(norm:)``.
  ///   - backend: Does the work.
  package func update(rate: Double, clippingFactor: Float = 1, using backend: any Backend) {
    for (parameter, velocity) in zip(parameters, velocities) {
      guard let gradient = parameter.gradient else { continue }
      backend.updateSGD(
        parameter.values, velocity: velocity, gradient: gradient, rate: Float(rate),
        momentum: settings.momentum, decay: parameter.decays ? settings.weightDecay : 0,
        gradientScale: clippingFactor / Float(settings.batch))
      backend.fill(gradient, with: 0)
    }
  }
}
