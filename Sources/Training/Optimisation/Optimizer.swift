package import Compute
package import Darknet
package import Layers
package import Networks

/// Changes the parameters of a network by their gradients, by an ``OptimizerRule``.
///
/// The gradient of the rule is c · g / batch, g summed over the images of the batch, c ≤ 1 the factor
/// of gradient clipping: min(1, limit / norm), the norm that of the part that a parameter is of. So a
/// branch changes how the main network is clipped only by the gradient that it hands to it, and one that
/// hands none does not. Its learning rate is f · rate, f the layer's own factor, 1 for most. Where a layer
/// holds its parameters, neither they nor what is remembered of them changes, and t of Adam counts from
/// when they are let go. Decay applies to weights only, not to biases nor to the scales of batch
/// normalisation, unless all decay.
package struct Optimizer {
  /// The numbers that stay the same over a run.
  package struct Settings: Sendable, Equatable {
    /// How gradients change parameters.
    package var rule: OptimizerRule
    /// The pull of parameters towards 0.
    package var weightDecay: Float
    /// Whether biases and scales are pulled too.
    package var decaysAll: Bool
    /// Images whose gradients are summed for one update, all subdivisions together.
    package var batch: Int
    /// The largest norm of a part's gradient (mean over the batch); nil: any.
    package var maximumGradientNorm: Double?
    /// Whether the main network and each branch are clipped by their own norms; otherwise all are by the
    /// norm of all parameters together.
    package var clipsParts: Bool

    /// Darknet's numbers for YOLOv3, without clipping.
    package init(
      rule: OptimizerRule = .sgd(momentum: 0.9), weightDecay: Float = 0.0005,
      decaysAll: Bool = false, batch: Int = 64, maximumGradientNorm: Double? = nil,
      clipsParts: Bool = true
    ) {
      self.rule = rule
      self.weightDecay = weightDecay
      self.decaysAll = decaysAll
      self.batch = batch
      self.maximumGradientNorm = maximumGradientNorm
      self.clipsParts = clipsParts
    }
  }

  /// The numbers that stay the same over a run.
  package let settings: Settings
  /// What is updated: everything handed over that has a gradient.
  package let parameters: [Parameter]
  private let states: [State]
  /// How the layer of each takes part.
  private let trainings: [LayerTraining]
  /// What each is clipped with, from 0.
  private let parts: [Int]

  /// What the rule remembers of one parameter, 0 at first.
  private enum State {
    case velocity(Tensor)
    case moments(first: Tensor, second: Tensor)
    case squares(Tensor, velocity: Tensor?)

    init(_ rule: OptimizerRule, _ shape: Shape, on memory: any MemorySource) throws {
      switch rule {
      case .sgd, .nesterov:
        self = .velocity(try Tensor(shape, on: memory))
      case .adam, .adamW:
        self = .moments(
          first: try Tensor(shape, on: memory), second: try Tensor(shape, on: memory))
      case .rmsProp:
        let velocity =
          rule.slots.contains(.momentum) ? try Tensor(shape, on: memory) : nil
        self = .squares(try Tensor(shape, on: memory), velocity: velocity)
      }
    }

    subscript(slot: OptimizerRule.Slot) -> Tensor? {
      switch (self, slot) {
      case (.velocity(let tensor), .momentum), (.moments(let tensor, _), .momentum),
        (.moments(_, let tensor), .squares), (.squares(let tensor, _), .squares):
        tensor
      case (.squares(_, let tensor), .momentum): tensor
      case (.velocity, .squares): nil
      }
    }
  }

  /// An optimiser at rest for the parameters of a network, its memory on `memory`.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(
    _ named: [Network.NamedParameter], settings: Settings = Settings(),
    on memory: any MemorySource
  ) throws {
    try self.init(
      named.map { ($0.parameter, $0.training, $0.part) }, settings: settings, on: memory)
  }

  /// An optimiser at rest for parameters that all learn, its memory on `memory`.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(
    _ parameters: [Parameter], settings: Settings = Settings(), on memory: any MemorySource
  ) throws {
    try self.init(parameters.map { ($0, LayerTraining(), 0) }, settings: settings, on: memory)
  }

  /// Statistics among the parameters are left out.
  private init(
    _ all: [(Parameter, LayerTraining, part: Int)], settings: Settings,
    on memory: any MemorySource
  ) throws {
    let learned = all.filter { $0.0.gradient != nil }
    self.settings = settings
    parameters = learned.map(\.0)
    trainings = learned.map(\.1)
    parts = learned.map { settings.clipsParts ? $0.part : 0 }
    states = try parameters.map { try State(settings.rule, $0.values.shape, on: memory) }
  }

  /// What is remembered: one tensor for each of ``parameters``; none if the rule has no such slot.
  package func tensors(of slot: OptimizerRule.Slot) -> [Tensor] { states.compactMap { $0[slot] } }

  /// Whether a parameter changes at some time.
  package var learns: Bool {
    trainings.contains { $0.rateFactor(at: LayerTraining.longRun) != nil }
  }

  /// The Euclidean norms of the mean gradients of what is clipped together: the main network first,
  /// then each branch; one norm of all without ``Settings/clipsParts``.
  ///
  /// Over the parameters that change after `iteration` updates, added up in their order.
  package func gradientNorms(iteration: Int = 0, using backend: any Backend) -> [Double] {
    var sums = [Double](repeating: 0, count: 1 + (parts.max() ?? 0))
    for (index, parameter) in parameters.enumerated() {
      guard let gradient = parameter.gradient, trainings[index].rateFactor(at: iteration) != nil
      else { continue }
      sums[parts[index]] += backend.sumOfSquares(gradient)
    }
    return sums.map { $0.squareRoot() / Double(settings.batch) }
  }

  /// c: what the gradients are multiplied by, given their norms.
  package func clippingFactors(norms: [Double]) -> [Float] {
    norms.map { norm in
      guard let limit = settings.maximumGradientNorm, norm > limit else { return 1 }
      return Float(limit / norm)
    }
  }

  /// Updates the parameters from their gradients and sets the gradients to 0.
  ///
  /// Layers that keep something computed from their parameters must be told afterwards.
  ///
  /// - Parameters:
  ///   - rate: The learning rate of this iteration.
  ///   - clippingFactors: c, see ``clippingFactors(norms:)``; nil: all 1.
  ///   - iteration: Updates made so far; with what is remembered it is all that the next one needs.
  ///   - backend: Does the work.
  package func update(
    rate: Double, clippingFactors: [Float]? = nil, iteration: Int = 0, using backend: any Backend
  ) {
    for (index, parameter) in parameters.enumerated() {
      guard let gradient = parameter.gradient else { continue }
      if let factor = trainings[index].rateFactor(at: iteration) {
        change(
          parameter.values, states[index], gradient: gradient,
          step: Step(
            rate: Float(rate) * factor,
            decay: parameter.decays || settings.decaysAll ? settings.weightDecay : 0,
            gradientScale: (clippingFactors?[parts[index]] ?? 1) / Float(settings.batch),
            count: trainings[index].updates(at: iteration) + 1), using: backend)
      }
      backend.fill(gradient, with: 0)
    }
  }

  /// The numbers of one update of one parameter.
  private struct Step {
    let rate: Float
    let decay: Float
    let gradientScale: Float
    /// t: this update included.
    let count: Int
  }

  private func change(
    _ values: Tensor, _ state: State, gradient: Tensor, step: Step, using backend: any Backend
  ) {
    switch (settings.rule, state) {
    case (.sgd(let momentum), .velocity(let velocity)):
      backend.updateSGD(
        values, velocity: velocity, gradient: gradient, rate: step.rate, momentum: momentum,
        decay: step.decay, gradientScale: step.gradientScale)
    case (.nesterov(let momentum), .velocity(let velocity)):
      backend.updateNesterov(
        values, velocity: velocity, gradient: gradient, rate: step.rate, momentum: momentum,
        decay: step.decay, gradientScale: step.gradientScale)
    case (.adam(let beta1, let beta2, let epsilon), .moments(let first, let second)):
      backend.updateAdam(
        values, firstMoment: first, secondMoment: second, gradient: gradient,
        step: AdamStep(
          rate: step.rate, step: step.count, beta1: beta1, beta2: beta2, epsilon: epsilon,
          decay: step.decay, gradientScale: step.gradientScale))
    case (.adamW(let beta1, let beta2, let epsilon), .moments(let first, let second)):
      backend.updateAdam(
        values, firstMoment: first, secondMoment: second, gradient: gradient,
        step: AdamStep(
          rate: step.rate, step: step.count, beta1: beta1, beta2: beta2, epsilon: epsilon,
          shrink: 1 - step.rate * step.decay, gradientScale: step.gradientScale))
    case (.rmsProp(let alpha, let epsilon, let momentum), .squares(let squares, let velocity)):
      backend.updateRMSprop(
        values, velocity: velocity, squares: squares, gradient: gradient,
        step: RMSpropStep(
          rate: step.rate, alpha: alpha, epsilon: epsilon, momentum: momentum,
          decay: step.decay, gradientScale: step.gradientScale))
    case (.sgd, _), (.nesterov, _), (.adam, _), (.adamW, _), (.rmsProp, _):
      preconditionFailure("what is remembered is of another rule")
    }
  }
}
