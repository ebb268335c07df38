import Compute
import Darknet
import Layers
import TestSupport
import Testing

@testable import Networks

/// Channels that are scaled to fill their bytes, and scaled back by what reads them.
@Suite struct EqualizationTests {
  private static let text =
    "[net]\nwidth=16\nheight=16\nchannels=3\n"
    + convolution(8, "leaky", 3)  // 0: read by a depthwise layer alone
    + convolution(8, "leaky", 3, "groups=8\n")  // 1: read by a dense one alone
    + convolution(8, "leaky", 1)  // 2: read twice
    + convolution(8, "relu6", 3)  // 3: f(s · z) is not s · f(z)
    + "[shortcut]\nfrom=-2\nactivation=linear\n"  // 4
    + convolution(8, "linear", 1)  // 5: read by the last convolution alone
    + "[convolutional]\nfilters=6\nactivation=linear\n"  // 6: read by the head
    + "[yolo]\nmask=0\nanchors=4,4\nclasses=1\nnum=1\n"

  private static func convolution(
    _ filters: Int, _ activation: String, _ size: Int, _ more: String = ""
  ) -> String {
    "[convolutional]\nbatch_normalize=1\nfilters=\(filters)\nsize=\(size)\npad=1\n\(more)"
      + "activation=\(activation)\n"
  }

  /// Filters whose outputs differ a hundredfold.
  private func network() throws -> (Network, NetworkPlan) {
    let network = try Network(
      parse(Self.text), backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    network.initializeWeights(RandomStream(seed: 8))
    for node in network.nodes {
      guard let convolution = node.layer as? Convolution else { continue }
      convolution.biases.values.update(
        from: randomValues(convolution.filters, in: -0.01...0.01, seed: 2))
      convolution.normalization?.scales.values.update(
        from: (0..<convolution.filters).map { [0.02, 2, 0.1, 0.6][$0 % 4] })
    }
    network.parametersDidChange()
    let plan = try network.makePlan(input: network.inputShape(batch: 1), mode: .inference)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 5))
    return (network, plan)
  }

  private func statistics(_ network: Network, _ plan: NetworkPlan) -> CalibrationStatistics {
    var statistics = CalibrationStatistics(network)
    statistics.add(plan)
    return statistics
  }

  @Test func theNetworkStaysTheSame() throws {
    let (network, plan) = try network()
    let last = network.nodes.count - 1
    let before = statistics(network, plan)
    let expected = plan.output(of: last).values
    #expect(network.equalizeChannels(before) == [0, 1, 5])
    let after = statistics(network, plan)
    expectClose(plan.output(of: last).values, expected, relative: 1e-4, absolute: 1e-5)

    func spread(_ statistics: CalibrationStatistics, _ layer: Int) throws -> Float {
      let peaks = try #require(statistics.peaks(of: layer))
      return try #require(peaks.max()) / (try #require(peaks.min()))
    }
    #expect(try spread(before, 1) > 30)
    #expect(try spread(after, 1) < 3.5)
    #expect(try spread(after, 2) < 0.5 * spread(before, 2))
    expectClose([try spread(after, 3)], [try spread(before, 3)], relative: 1e-3)
  }

  @Test func bytesBecomeBetter() throws {
    func error(equalizes: Bool) throws -> Double {
      let (network, plan) = try network()
      if equalizes { network.equalizeChannels(statistics(network, plan)) }
      let found = statistics(network, plan)
      let expected = plan.output(of: network.nodes.count - 1).values
      var weights: [Int: QuantizedWeights] = [:]
      for (i, node) in network.nodes.enumerated() where node.layer is Convolution {
        weights[i] = network.quantizedWeights(of: i, found)
      }
      let quantized = try network.quantized(
        .init(quantization: found.quantization(by: .mse), weights: weights)
      ).makePlan(input: plan.input.shape, mode: .inference)
      quantized.input.update(from: plan.input.values)
      quantized.forward()
      let actual = quantized.output(of: network.nodes.count - 1).values
      return zip(actual, expected).reduce(0.0) {
        $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
      }
    }
    #expect(try error(equalizes: true) < 0.7 * error(equalizes: false))
  }
}
