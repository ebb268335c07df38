import Compute
package import Darknet
import Foundation

/// The learning rate of every iteration, by Darknet's rules, with cosine decay added.
///
/// For t ≤ b iterations of burn-in the rate is base · (t / b)ᵖ, whatever the policy; after that the
/// policy alone decides, counting t from the start of training and not from the end of burn-in.
package struct LearningRateSchedule: Sendable, Equatable, Codable {
  /// r: the rate that the policy starts from.
  package let base: Double
  /// b: iterations of burn-in, 0 for none.
  package let burnIn: Int
  /// p: the exponent of burn-in.
  package let burnInPower: Double
  /// What happens after burn-in.
  package let policy: LearningRatePolicy

  /// A checked schedule.
  ///
  /// - Parameters:
  ///   - base: The base rate, finite and ≥ 0.
  ///   - burnIn: Iterations of burn-in, ≥ 0.
  ///   - burnInPower: The exponent of burn-in, 4 in Darknet.
  ///   - policy: What happens after burn-in.
  /// - Throws: ``TrainingError/schedule(reason:)`` naming the value that makes no sense.
  package init(
    base: Double, burnIn: Int = 0, burnInPower: Double = 4, policy: LearningRatePolicy = .constant
  ) throws {
    self.base = base
    self.burnIn = burnIn
    self.burnInPower = burnInPower
    self.policy = policy
    if let reason = problem { throw TrainingError.schedule(reason: reason) }
  }

  /// The rate of an iteration.
  ///
  /// Iterations count from 1, as in Darknet: the first update of a run is iteration 1.
  package func rate(at iteration: Int) -> Double {
    let t = Double(iteration)
    if iteration < burnIn { return base * pow(t / Double(burnIn), burnInPower) }
    switch policy {
    case .constant:
      return base
    case .step(let interval, let scale):
      return base * pow(scale, Double(iteration / interval))
    case .steps(let changes):
      return changes.reduce(base) { $1.iteration <= iteration ? $0 * $1.scale : $0 }
    case .exponential(let gamma):
      return base * pow(gamma, t)
    case .polynomial(let iterations, let power):
      return base * pow(max(0, 1 - t / Double(iterations)), power)
    case .sigmoid(let gamma, let step):
      return base / (1 + exp(gamma * (t - Double(step))))
    case .cosine(let iterations):
      return base * (1 + cos(Double.pi * min(1, t / Double(iterations)))) / 2
    case .restarts(let minimum, let cycle, let multiplier):
      let (passed, length) = Self.cycle(of: iteration, first: cycle, multiplier: multiplier)
      return minimum + (base - minimum) * (1 + cos(Double.pi * Double(passed) / Double(length))) / 2
    case .random(let power, let seed):
      var random = RandomStream(seed: seed).split(4, UInt64(iteration))
      return base * pow(Double(random.uniform()), power)
    }
  }

  /// How many iterations of its cycle an iteration ends, and how long that cycle is; as in Darknet, a
  /// cycle's last iteration is a whole cycle after its start.
  private static func cycle(
    of iteration: Int, first: Int, multiplier: Int
  ) -> (passed: Int, length: Int) {
    if multiplier == 1 { return (iteration - max(0, iteration - 1) / first * first, first) }
    var (start, length) = (0, first)
    while start + length < iteration {
      start += length
      length *= multiplier
    }
    return (iteration - start, length)
  }

  private var problem: String? {
    if !(base >= 0 && base.isFinite) { return "\(base) is not a rate; give a number ≥ 0" }
    if burnIn < 0 { return "burn_in=\(burnIn) is negative" }
    if !(burnInPower >= 0 && burnInPower.isFinite) { return "power=\(burnInPower) must be ≥ 0" }
    switch policy {
    case .constant:
      return nil
    case .step(let interval, let scale):
      if interval < 1 { return "step=\(interval) must be at least 1" }
      return LearningRateSchedule.factorProblem("scale", scale)
    case .steps(let changes):
      for (earlier, later) in zip(changes, changes.dropFirst())
      where earlier.iteration >= later.iteration {
        return "steps must rise, but \(later.iteration) follows \(earlier.iteration)"
      }
      return changes.lazy.compactMap { LearningRateSchedule.factorProblem("scales", $0.scale) }
        .first
    case .exponential(let gamma):
      return LearningRateSchedule.factorProblem("gamma", gamma)
    case .polynomial(let iterations, let power):
      if iterations < 1 { return "policy=poly needs max_batches of at least 1" }
      return power >= 0 && power.isFinite ? nil : "power=\(power) must be ≥ 0"
    case .sigmoid(let gamma, _):
      return gamma.isFinite ? nil : "gamma=\(gamma) must be finite"
    case .cosine(let iterations):
      return iterations < 1 ? "policy=cosine needs max_batches of at least 1" : nil
    case .restarts(let minimum, let cycle, let multiplier):
      if cycle < 1 { return "policy=sgdr needs sgdr_cycle or max_batches of at least 1" }
      if multiplier < 1 { return "sgdr_mult=\(multiplier) must be at least 1" }
      return LearningRateSchedule.factorProblem("learning_rate_min", minimum)
    case .random(let power, _):
      return power >= 0 && power.isFinite ? nil : "power=\(power) must be ≥ 0"
    }
  }

  private static func factorProblem(_ key: String, _ value: Double) -> String? {
    value >= 0 && value.isFinite ? nil : "\(key)=\(value) must be a number ≥ 0"
  }
}

extension LearningRatePolicy {
  /// The changes of Darknet's `steps=` and `scales=` lists.
  ///
  /// - Throws: ``TrainingError/schedule(reason:)`` if the lists differ in length.
  package static func steps(at iterations: [Int], scales: [Double]) throws -> Self {
    guard iterations.count == scales.count else {
      throw TrainingError.schedule(
        reason: "\(iterations.count) steps but \(scales.count) scales; give as many of each")
    }
    return .steps(zip(iterations, scales).map { .init(iteration: $0, scale: $1) })
  }
}
