package import Darknet

extension LearningRateSchedule {
  /// The schedule of a cfg, stretched or shrunk to another number of iterations.
  ///
  /// Steps, burn-in and decay lengths keep their share of the run: a cfg made for 50,200 iterations
  /// can train for 1,000. Nothing changes if `iterations` is the cfg's own `max_batches`.
  ///
  /// - Parameters:
  ///   - net: The cfg's `[net]` section.
  ///   - iterations: Iterations of the run.
  ///   - base: The base rate; nil: the cfg's.
  ///   - burnIn: Iterations of burn-in; nil: the cfg's, scaled.
  ///   - seed: Draws the rates of `policy=random`.
  /// - Throws: ``TrainingError/schedule(reason:)`` for a policy that makes no sense.
  package init(
    _ net: NetConfiguration, iterations: Int, base: Double? = nil, burnIn: Int? = nil,
    seed: UInt64 = 0
  ) throws {
    let scale = net.maxBatches > 0 ? Double(iterations) / Double(net.maxBatches) : 1
    func scaled(_ count: Int) -> Int { Int((Double(count) * scale).rounded()) }
    if case .steps(let changes) = net.policy { _ = try rising(changes) }
    var policy = net.policy.scaled(by: scale, to: iterations)
    if case .random(let power, _) = policy { policy = .random(power: power, seed: seed) }
    try self.init(
      base: base ?? Double(net.learningRate), burnIn: burnIn ?? scaled(net.burnIn),
      burnInPower: Double(net.burnInPower), policy: policy)
  }

  /// The schedule of a run that shall have another number of iterations; burn-in stays.
  ///
  /// - Throws: ``TrainingError/schedule(reason:)``.
  func stretched(from old: Int, to new: Int) throws -> LearningRateSchedule {
    try LearningRateSchedule(
      base: base, burnIn: burnIn, burnInPower: burnInPower,
      policy: policy.scaled(by: old > 0 ? Double(new) / Double(old) : 1, to: new))
  }
}

extension LearningRatePolicy {
  /// The policy of a run that is `scale` times as long and has so many iterations.
  fileprivate func scaled(by scale: Double, to iterations: Int) -> LearningRatePolicy {
    func scaled(_ count: Int) -> Int { Int((Double(count) * scale).rounded()) }
    return switch self {
    case .steps(let changes):
      .steps(
        changes.map { .init(iteration: scaled($0.iteration), scale: $0.scale) }
          .mergingCoincident())
    case .step(let interval, let scale): .step(interval: max(1, scaled(interval)), scale: scale)
    case .polynomial(_, let power): .polynomial(iterations: iterations, power: power)
    case .sigmoid(let gamma, let step): .sigmoid(gamma: gamma, step: scaled(step))
    case .cosine: .cosine(iterations: iterations)
    case .restarts(let minimum, let cycle, let multiplier):
      .restarts(
        minimum: minimum, cycle: cycle == 0 ? iterations : max(1, scaled(cycle)),
        multiplier: multiplier)
    case .constant, .exponential, .random: self
    }
  }
}

/// The changes, which must rise as the cfg has them: only shrinking may let them coincide.
private func rising(
  _ changes: [LearningRatePolicy.Change]
) throws -> [LearningRatePolicy.Change] {
  _ = try LearningRateSchedule(base: 0, policy: .steps(changes))
  return changes
}

extension [LearningRatePolicy.Change] {
  /// Rising changes, of which those of one iteration are one: in a short run several may coincide.
  package func mergingCoincident() -> [LearningRatePolicy.Change] {
    reduce(into: []) { merged, change in
      if let last = merged.last, last.iteration == change.iteration {
        merged[merged.count - 1] = .init(
          iteration: change.iteration, scale: last.scale * change.scale)
      } else {
        merged.append(change)
      }
    }
  }
}
