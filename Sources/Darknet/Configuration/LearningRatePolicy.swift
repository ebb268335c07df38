/// How the learning rate changes with the iteration t, as `policy=` of `[net]` names it; r is the base
/// rate.
package enum LearningRatePolicy: Sendable, Hashable, Codable {
  /// r.
  case constant
  /// r · scale^⌊t / interval⌋.
  case step(interval: Int, scale: Double)
  /// r times the scale of every change whose iteration is ≤ t.
  case steps([Change])
  /// r · gammaᵗ.
  case exponential(gamma: Double)
  /// r · (1 − t / iterations)^power, 0 from the last iteration on.
  case polynomial(iterations: Int, power: Double)
  /// r / (1 + exp(gamma · (t − step))).
  case sigmoid(gamma: Double, step: Int)
  /// r · (1 + cos(π · t / iterations)) / 2, 0 from the last iteration on.
  case cosine(iterations: Int)
  /// minimum + (r − minimum) · (1 + cos(π · (t − start) / length)) / 2 in cycles (start, start +
  /// length], the first of which is `cycle` iterations long and every other `multiplier` times as
  /// long as the one before it; `cycle` 0 is the whole run.
  case restarts(minimum: Double, cycle: Int, multiplier: Int)
  /// r · u^power, u uniform in 0 ..< 1 and drawn anew in every iteration, by the seed.
  case random(power: Double, seed: UInt64)

  /// A factor on the rate from an iteration on.
  package struct Change: Sendable, Hashable, Codable {
    /// The first iteration that it applies to.
    package var iteration: Int
    /// What the rate is multiplied by.
    package var scale: Double

    /// A factor on the rate from an iteration on.
    package init(iteration: Int, scale: Double) {
      self.iteration = iteration
      self.scale = scale
    }
  }
}

extension LearningRatePolicy {
  private enum Name: String, CaseIterable {
    case constant, steps, step, poly, exp, sig, sigmoid, cosine, sgdr, random
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
        interval: try net.integer("step", default: 1, in: 1...1_000_000_000),
        scale: Double(try net.number("scale", default: 1)))
    case .poly:
      self = .polynomial(
        iterations: maxBatches,
        power: Double(try net.number("power", default: 4, in: 0...100)))
    case .exp:
      self = .exponential(gamma: Double(try net.number("gamma", default: 1, in: 0...1)))
    case .sig, .sigmoid:
      self = .sigmoid(
        gamma: Double(try net.number("gamma", default: 1, in: 0...100)),
        step: try net.integer("step", default: 1))
    case .cosine:
      let minimum = try net.number("learning_rate_min", default: 0)
      self =
        minimum == 0
        ? .cosine(iterations: max(1, maxBatches))
        : .restarts(minimum: Double(minimum), cycle: maxBatches, multiplier: 1)
    case .sgdr:
      self = .restarts(
        minimum: Double(try net.number("learning_rate_min", default: 0.00001)),
        cycle: try net.integer("sgdr_cycle", default: maxBatches, in: 1...1_000_000_000),
        multiplier: try net.integer("sgdr_mult", default: 2, in: 1...1000))
    case .random:
      self = .random(power: Double(try net.number("power", default: 4, in: 0...100)), seed: 0)
    }
  }

  private static func steps(_ net: ConfigurationSection) throws(DarknetError) -> [Change] {
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
    var steps: [Change] = []
    for (iteration, scale) in zip(iterations, scales) {
      steps.append(Change(iteration: iteration, scale: Double(scale)))
    }
    return steps
  }
}
