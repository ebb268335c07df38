/// How the learning rate changes with the iteration t, as `policy=` of `[net]` names it.
///
/// The rate is `learning_rate` times the value below; burn-in comes before.
package enum LearningRatePolicy: Sendable, Hashable {
  /// 1.
  case constant
  /// The product of the scales whose step is ≤ t.
  case steps([Step])
  /// scaleᶠ, f = ⌊t / size⌋.
  case step(size: Int, scale: Float)
  /// (1 − t / max_batches)ᵖ.
  case polynomial(power: Float)
  /// γᵗ.
  case exponential(gamma: Float)
  /// 1 / (1 + exp(γ · (t − step))).
  case sigmoid(gamma: Float, step: Int)
  /// Half a cosine from `learning_rate` down to `minimum`, over `cycle` iterations; every restart's
  /// cycle is `multiplier` times as long. `policy=cosine` has one cycle of max_batches.
  case cosine(minimum: Float, cycle: Int, multiplier: Int)

  /// A change of the rate.
  package struct Step: Sendable, Hashable {
    /// t from which it holds.
    package let iteration: Int
    /// The factor.
    package let scale: Float
    /// A change of the rate.
    package init(iteration: Int, scale: Float) {
      self.iteration = iteration
      self.scale = scale
    }
  }
}

extension LearningRatePolicy {
  private enum Name: String, CaseIterable {
    case constant, steps, step, poly, exp, sig, sigmoid, cosine, sgdr
  }

  /// As `[net]` has it.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  init(_ net: ConfigurationSection, maxBatches: Int) throws(DarknetError) {
    switch try net.choice("policy", default: Name.constant) {
    case .constant: self = .constant
    case .steps: self = .steps(try Self.steps(net))
    case .step:
      self = .step(
        size: try net.integer("step", default: 1, in: 1...1_000_000_000),
        scale: try net.number("scale", default: 1))
    case .poly: self = .polynomial(power: try net.number("power", default: 4, in: 0...100))
    case .exp: self = .exponential(gamma: try net.number("gamma", default: 1, in: 0...1))
    case .sig, .sigmoid:
      self = .sigmoid(
        gamma: try net.number("gamma", default: 1, in: 0...100),
        step: try net.integer("step", default: 1))
    case .cosine:
      self = .cosine(
        minimum: try net.number("learning_rate_min", default: 0), cycle: max(1, maxBatches),
        multiplier: 1)
    case .sgdr:
      self = .cosine(
        minimum: try net.number("learning_rate_min", default: 0.00001),
        cycle: try net.integer("batches_per_cycle", default: max(1, maxBatches), in: 1...1 << 40),
        multiplier: try net.integer("batches_cycle_mult", default: 2, in: 1...1000))
    }
  }

  private static func steps(_ net: ConfigurationSection) throws(DarknetError) -> [Step] {
    // YOLOv2's files begin with a step of -1: a factor for the whole training.
    let iterations = try net.integers("steps", in: -1...1_000_000_000)
    let scales = try net.numbers("scales")
    guard !iterations.isEmpty, iterations.count == scales.count else {
      throw net.error(
        "policy=steps needs as many scales= as steps=; there are \(scales.count) and "
          + "\(iterations.count)", line: net["scales"]?.line ?? net["steps"]?.line)
    }
    guard zip(iterations, iterations.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw net.error("steps= must increase", line: net["steps"]?.line)
    }
    var steps: [Step] = []
    for (iteration, scale) in zip(iterations, scales) {
      steps.append(Step(iteration: iteration, scale: scale))
    }
    return steps
  }
}
