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
  /// - Throws: ``TrainingError/schedule(reason:)`` for a policy that is not supported.
  package init(
    _ net: NetConfiguration, iterations: Int, base: Double? = nil, burnIn: Int? = nil
  ) throws {
    let scale = net.maxBatches > 0 ? Double(iterations) / Double(net.maxBatches) : 1
    func scaled(_ count: Int) -> Int { Int((Double(count) * scale).rounded()) }
    if case .cosine(let minimum, let cycle, _) = net.policy,
      minimum != 0 || cycle != net.maxBatches
    {
      throw TrainingError.schedule(reason: "policy=sgdr is not supported; use policy=cosine")
    }
    let policy: Policy =
      switch net.policy {
      case .constant: .constant
      case .steps(let steps):
        .steps(
          steps.map { Change(iteration: scaled($0.iteration), scale: Double($0.scale)) })
      case .step(let size, let factor):
        .step(interval: max(1, scaled(size)), scale: Double(factor))
      case .polynomial(let power): .polynomial(iterations: iterations, power: Double(power))
      case .exponential(let gamma): .exponential(gamma: Double(gamma))
      case .sigmoid(let gamma, let step): .sigmoid(gamma: Double(gamma), step: scaled(step))
      case .cosine: .cosine(iterations: iterations)
      }
    try self.init(
      base: base ?? Double(net.learningRate), burnIn: burnIn ?? scaled(net.burnIn),
      burnInPower: Double(net.burnInPower), policy: policy)
  }
}
