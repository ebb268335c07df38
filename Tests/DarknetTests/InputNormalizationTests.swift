import Compute
import Darknet
import Layers
import Networks
import TestSupport
import Testing

@Suite struct InputNormalizationTests {
  private static func network(_ keys: String, channels: Int = 3) throws -> Network {
    let text = """
      [net]
      width=8
      height=8
      channels=\(channels)
      \(keys)
      [convolutional]
      filters=5
      size=3
      stride=1
      pad=1
      activation=leaky
      [avgpool]
      [convolutional]
      filters=4
      size=1
      activation=linear
      [softmax]
      """
    let network = try Network(
      ConfigurationFile(text: text, fileName: "net.cfg"),
      backend: CPUBackend(pool: ThreadPool(threadCount: 2)))
    network.initializeWeights(RandomStream(seed: 3))
    return network
  }

  /// Output, and the first kernel's gradient, of an input.
  private static func pass(_ network: Network, _ input: [Float]) throws -> [Float] {
    let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .training)
    plan.input.update(from: input)
    plan.forward()
    let gradient = try #require(plan.gradient(of: 2))
    gradient.update(from: randomValues(gradient.count, seed: 9))
    plan.backward()
    let first = try #require(network.parameters.first { $0.parameter.decays })
    #expect(plan.input.values == input, "the input is left as it is")
    return plan.output(of: 2).values + (first.parameter.gradient?.values ?? [])
  }

  @Test func theFirstLayerSeesNormalizedValues() throws {
    let mean: [Float] = [0.5, 0.25, 0.125]
    let deviation: [Float] = [0.25, 0.5, 2]
    let input = randomValues(2 * 8 * 8 * 3, in: 0...1, seed: 5)
    let normalized = input.enumerated().map { index, value in
      (value - mean[index % 3]) / deviation[index % 3]
    }
    let found = try Self.pass(Self.network("mean=.5,.25,.125\nstd=.25,.5,2"), input)
    let expected = try Self.pass(Self.network(""), normalized)
    #expect(found.count == expected.count && found.count > 100)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-4 * max(1, abs(b))) }
    #expect(try Self.pass(Self.network(""), input) != expected)
  }

  @Test func oneValueIsForAllChannels() throws {
    #expect(
      try Self.network("mean=.5").normalization
        == InputNormalization(mean: [0.5, 0.5, 0.5], deviation: [1, 1, 1]))
    #expect(
      try Self.network("std=.25", channels: 1).normalization
        == InputNormalization(mean: [0], deviation: [0.25]))
    #expect(try Self.network("").normalization == nil)
  }

  @Test(arguments: [
    ("mean=.5,.5", "net.cfg:5: mean has 2 values, the input 3 channels"),
    ("std=0", "net.cfg:5: std=0 in [net]: must be in 0.001...1000.0"),
    ("mean=128,128,128", "net.cfg:5: mean=128,128,128 in [net]: must be in 0.0...1.0"),
  ])
  func refuses(keys: String, error: String) throws {
    #expect {
      try Self.network(keys)
    } throws: {
      "\($0)" == error
    }
  }
}
