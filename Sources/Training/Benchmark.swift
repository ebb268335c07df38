internal import Compute
public import Darknet
internal import Foundation
public import Layers

/// Times forward passes or whole training steps of a network on random images.
///
/// A training step is forward, the loss against random truths (of the heads, or cross-entropy of a
/// classifier), backward and an update of the weights (with a rate that leaves them as they are: the
/// numbers must stay finite).
public final class Benchmark {
  /// What was measured, in numbers.
  public struct Result: Sendable, Encodable {
    /// `inference` or `training`.
    public var mode = ""
    /// Input width, pixels.
    public var size = 0
    /// Images of a pass.
    public var batch = 0
    /// Threads that computed.
    public var threads = 0
    /// Measured passes.
    public var runs = 0
    /// The median of the passes, milliseconds.
    public var medianMs = 0.0
    /// The fastest pass, milliseconds.
    public var minMs = 0.0
    /// 10⁹ operations of a pass, counted as direct convolutions: two per multiply-add; training
    /// three times forward.
    public var gflop = 0.0
    /// 10⁹ operations in a second at the median.
    public var gflops = 0.0
    /// The largest resident memory of the process so far, MiB.
    public var peakRssMiB = 0.0
    /// Activations, what backward needs and their gradients, as planned, MiB.
    public var planMiB = 0.0
    /// The loss of an image in the last training step, mean over the batch; nil in inference.
    public var loss: Double?
    /// Time by layer, if it was asked for.
    public var layers: [LayerTime]?
    /// The version of the program.
    public var version = ""
  }

  /// The time of one layer.
  public struct LayerTime: Sendable, Encodable {
    /// Position among the layers.
    public let index: Int
    /// The section's name.
    public let layer: String
    /// The median of the forward pass, milliseconds.
    public let forwardMs: Double
    /// The median of the backward pass, milliseconds; 0 in inference.
    public let backwardMs: Double
    /// 10⁹ operations, counted as for the whole.
    public let gflop: Double
    /// 10⁹ operations in a second.
    public let gflops: Double
  }

  private let network: Network
  private let plan: NetworkPlan
  private let mode: Mode
  private let objective: BenchmarkObjective?
  private let optimizer: StochasticGradientDescent?
  private var lastLoss: Double?
  private var layerTimes: [LayerClock]?

  /// Plans the network and draws images and truths.
  ///
  /// - Parameters:
  ///   - network: With weights; training uses them without changing them noticeably.
  ///   - width: Input width, pixels; nil: the cfg's.
  ///   - height: Input height, pixels; nil: the cfg's.
  ///   - batch: Images of a pass.
  ///   - mode: What to time.
  ///   - timesLayers: Whether to time each layer too.
  /// - Throws: ``DarknetError`` or ``LayerError`` if the size does not go through the layers;
  ///   ``TrainingError/options(reason:)`` if training has nothing to minimise; ``ComputeError``.
  public init(
    network: Network, width: Int? = nil, height: Int? = nil, batch: Int, mode: Mode,
    timesLayers: Bool = false
  ) throws {
    self.network = network
    self.mode = mode
    let shape = network.inputShape(batch: batch, width: width, height: height)
    plan = try network.makePlan(input: shape, mode: mode)
    var random = RandomStream(seed: 1)
    plan.input.withMutableValues { values in
      for index in values.indices { values[index] = random.uniform() }
    }
    objective =
      mode == .training ? try BenchmarkObjective(network, input: shape, random: &random) : nil
    optimizer =
      mode == .training
      ? try StochasticGradientDescent(
        network.parameters.map(\.parameter), settings: .init(batch: batch)) : nil
    if timesLayers { layerTimes = network.nodes.map { _ in LayerClock() } }
  }

  /// Runs two passes to warm up, then measures.
  ///
  /// - Parameters:
  ///   - runs: Passes to measure, at least 1.
  ///   - threads: The number of threads, to be told in the result.
  ///   - version: The version of the program, to be told in the result.
  /// - Returns: The numbers.
  /// - Throws: ``UncertaintyError`` for moments that are not finite.
  public func run(runs: Int, threads: Int, version: String) throws -> Result {
    precondition(runs > 0, "no runs")
    let clock = ContinuousClock()
    for _ in 0..<2 { try pass(clock, isMeasured: false) }
    var times: [Double] = []
    for _ in 0..<runs {
      let start = clock.now
      try pass(clock, isMeasured: true)
      times.append((clock.now - start) / .milliseconds(1))
    }
    let operations = try layerOperations()
    var result = Result()
    result.mode = mode == .training ? "training" : "inference"
    result.size = plan.input.shape.width
    result.batch = plan.input.shape.batch
    result.threads = threads
    result.runs = runs
    result.medianMs = median(times)
    result.minMs = times.min() ?? 0
    result.gflop = operations.reduce(0, +)
    result.gflops = result.gflop / result.medianMs * 1e3
    result.planMiB = Double(plan.arenaBytes) / 1_048_576
    result.peakRssMiB = peakResidentMebibytes()
    result.loss = lastLoss
    result.version = version
    result.layers = layerTimes.map { clocks in
      zip(network.nodes.indices, clocks).map { index, clock in
        let (forward, backward) = (median(clock.forward), median(clock.backward))
        return LayerTime(
          index: index, layer: network.nodes[index].layer.kind, forwardMs: forward,
          backwardMs: backward, gflop: operations[index],
          gflops: operations[index] / max(1e-6, forward + backward) * 1e3)
      }
    }
    return result
  }

  private func pass(_ clock: ContinuousClock, isMeasured: Bool) throws {
    let observes = isMeasured && layerTimes != nil
    var last = clock.now
    func lap() -> Double {
      let now = clock.now
      defer { last = now }
      return (now - last) / .milliseconds(1)
    }
    plan.forward(
      observer: observes ? { self.layerTimes?[$0].forward.append(lap()) } : nil)
    guard let optimizer, let objective else { return }
    lastLoss = try objective.evaluate(plan, backend: network.backend)
    last = clock.now
    plan.backward(
      observer: observes ? { self.layerTimes?[$0].backward.append(lap()) } : nil)
    optimizer.update(rate: 1e-12, using: network.backend)
    network.parametersDidChange()
  }

  /// 10⁹ operations of each layer in a pass.
  private func layerOperations() throws -> [Double] {
    try network.nodes.map { node in
      let inputs = node.inputs.map { $0 < 0 ? plan.input.shape : plan.shapes[$0] }
      let forward = try node.layer.floatingPointOperations(for: inputs) / 1e9
      return mode == .training ? 3 * forward : forward
    }
  }
}

private struct LayerClock {
  var forward: [Double] = []
  var backward: [Double] = []
}

private func median(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return 0 }
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// Linux counts `ru_maxrss` in KiB.
private func peakResidentMebibytes() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return Double(usage.ru_maxrss) / 1024
}
