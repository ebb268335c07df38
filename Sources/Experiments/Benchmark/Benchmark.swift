import Compute
package import Darknet
import Foundation
package import Layers
package import Networks
import Tasks
import Training

/// Times forward passes or whole training steps of a network on random images.
///
/// A training step is forward, the loss of the network's task against random targets, backward and an update of the weights (with a rate that leaves them as they are: the
/// numbers must stay finite).
package final class Benchmark {
  private let network: Network
  private let plan: NetworkPlan
  private let mode: Mode
  private let objective: ((NetworkPlan) throws -> Double)?
  private let optimizer: Optimizer?
  private var lastLoss: Double?
  private var layerTimes: [LayerClock]?
  private var lossTimes: [Double] = []
  private var updateTimes: [Double] = []

  /// Plans the network and draws images and truths.
  ///
  /// - Parameters:
  ///   - network: With weights; training uses them without changing them noticeably.
  ///   - width: Input width, pixels; nil: the cfg's.
  ///   - height: Input height, pixels; nil: the cfg's.
  ///   - batch: Images of a pass.
  ///   - mode: What to time.
  ///   - rule: How training changes the weights.
  ///   - timesLayers: Whether to time each layer too.
  /// - Throws: ``DarknetError`` or ``LayerError`` if the size does not go through the layers;
  ///   `TaskError` if training has nothing to minimise; ``ComputeError``.
  package init(
    network: Network, width: Int? = nil, height: Int? = nil, batch: Int, mode: Mode,
    rule: OptimizerRule = .sgd(momentum: 0.9), timesLayers: Bool = false
  ) throws {
    self.network = network
    self.mode = mode
    let shape = network.inputShape(batch: batch, width: width, height: height)
    plan = try network.makePlan(input: shape, mode: mode)
    var random = RandomStream(seed: 1)
    plan.input.withMutableHostValues { values in
      for index in values.indices { values[index] = random.uniform() }
    }
    objective =
      mode == .training
      ? Self.objective(try TaskChoice.task(of: network), batch: batch, random: &random) : nil
    optimizer =
      mode == .training
      ? try Optimizer(
        network.parameters, settings: .init(rule: rule, batch: batch), on: network.backend) : nil
    if timesLayers { layerTimes = network.nodes.map { _ in LayerClock() } }
  }

  /// The loss of a batch against targets at random, mean over its images; writes the gradients that
  /// backward starts from.
  private static func objective<Task: LearningTask>(
    _ task: Task, batch: Int, random: inout RandomStream
  ) -> (NetworkPlan) throws -> Double {
    let targets = (0..<batch).map { _ in task.randomTarget(&random) }
    let step = LossStep(iteration: 1 << 20, epoch: 1 << 20, seenImages: 1 << 20)
    return { try task.loss($0, targets: targets, step: step).total / Double(batch) }
  }

  /// A pass that is not measured: the first one makes what later ones keep.
  ///
  /// - Throws: ``UncertaintyError`` for moments that are not finite.
  func warmUp() throws { try pass(ContinuousClock(), isMeasured: false) }

  /// Runs passes to warm up, then measures.
  ///
  /// - Parameters:
  ///   - runs: Passes to measure, at least 1.
  ///   - warmUps: Passes before them.
  ///   - seconds: Time after which no further pass is measured.
  ///   - threads: The number of threads, to be told in the result.
  ///   - version: The version of the program, to be told in the result.
  /// - Returns: The numbers.
  /// - Throws: ``UncertaintyError`` for moments that are not finite.
  package func run(
    runs: Int, warmUps: Int = 2, seconds: Double = .infinity, threads: Int, version: String
  ) throws -> Result {
    precondition(runs > 0, "no runs")
    let clock = ContinuousClock()
    for _ in 0..<warmUps { try warmUp() }
    var times: [Double] = []
    let begin = clock.now
    while times.count < runs && (times.isEmpty || (clock.now - begin) / .seconds(1) < seconds) {
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
    result.runs = times.count
    result.medianMs = median(times)
    result.p95Ms = percentile(times, 0.95)
    result.p99Ms = percentile(times, 0.99)
    result.imagesPerSecond = Double(result.batch) / max(1e-9, result.medianMs) * 1e3
    result.minMs = times.min() ?? 0
    result.gflop = operations.reduce(0, +)
    result.gflops = result.gflop / result.medianMs * 1e3
    result.planMiB = Double(plan.arenaBytes) / 1_048_576
    result.peakRssMiB = peakResidentMebibytes()
    result.loss = lastLoss
    result.version = version
    if mode == .training {
      result.lossMs = median(lossTimes)
      result.updateMs = median(updateTimes)
    }
    result.layers = layerTimes.map { clocks in
      zip(network.nodes.indices, clocks).map { index, clock in
        let (forward, backward) = (median(clock.forward), median(clock.backward))
        let layer = network.nodes[index].layer
        return LayerTime(
          index: index, layer: layer.kind, form: form(of: layer), forwardMs: forward,
          backwardMs: backward, gflop: operations[index],
          gflops: operations[index] / max(1e-6, forward + backward) * 1e3)
      }
    }
    result.classes = result.layers.map(ClassTime.all)
    return result
  }

  private func form(of layer: any Layer) -> String {
    if let own = layer as? QuantizedConvolution {
      return form(own.geometry, own.inputChannels, own.filters) + " int8"
    }
    guard let own = layer as? Convolution else { return "" }
    return form(own.geometry, own.inputChannels, own.filters)
  }

  private func form(_ geometry: ConvolutionGeometry, _ channels: Int, _ filters: Int) -> String {
    let size = "\(geometry.size)x\(geometry.size)/\(geometry.stride)"
    guard geometry.groups > 1 else { return size }
    let isDepthwise = [channels, filters] == [geometry.groups, geometry.groups]
    return size + (isDepthwise ? " depthwise" : " grouped")
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
    _ = lap()
    lastLoss = try objective(plan)
    let lossTime = lap()
    plan.backward(
      iteration: LayerTraining.longRun,
      observer: observes ? { self.layerTimes?[$0].backward.append(lap()) } : nil)
    _ = lap()
    optimizer.update(rate: 1e-12, iteration: LayerTraining.longRun, using: network.backend)
    network.parametersDidChange()
    guard isMeasured else { return }
    lossTimes.append(lossTime)
    updateTimes.append(lap())
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

/// The value that a share of the values does not exceed.
private func percentile(_ values: [Double], _ share: Double) -> Double {
  let sorted = values.sorted()
  return sorted.isEmpty ? 0 : sorted[max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1)]
}

/// What `getrusage` tells would include that of the process that started this one.
private func peakResidentMebibytes() -> Double {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  guard let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap({ Double($0) }) else {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1024
  }
  return kibibytes / 1024
}
