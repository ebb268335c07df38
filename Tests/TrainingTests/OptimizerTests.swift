import Compute
import Darknet
import Foundation
import Layers
import TestSupport
import Testing
import Training

@Suite struct OptimizerTests {
  static func backend() throws -> CPUBackend { CPUBackend(pool: try ThreadPool(threadCount: 2)) }

  static func parameter(
    _ name: String, _ values: [Float], gradient: [Float], decays: Bool = false
  ) throws -> Parameter {
    let parameter = try Parameter(name, Shape(channels: values.count), decays: decays)
    parameter.values.update(from: values)
    parameter.gradient?.update(from: gradient)
    return parameter
  }

  /// Two updates against v ← m·v + g/n + d·w, w ← w − r·v by hand.
  @Test func followsDarknetsRule() throws {
    let backend = try Self.backend()
    let weights = try Self.parameter("weights", [2, -1], gradient: [4, 8], decays: true)
    let biases = try Self.parameter("biases", [2], gradient: [4])
    let mean = try Parameter(statistic: "rolling_mean", Shape(channels: 1))
    let optimizer = try Optimizer(
      [mean, biases, weights],
      settings: .init(rule: .sgd(momentum: 0.5), weightDecay: 0.25, batch: 4),
      on: backend)
    #expect(optimizer.parameters.map(\.name) == ["biases", "weights"])

    optimizer.update(rate: 0.1, using: backend)
    // v = g/4 + w/4 = [1.5, 1.75]; w = [1.85, -1.175].
    expectClose(weights.values.values, [1.85, -1.175], "weights")
    expectClose(biases.values.values, [1.9], "biases")
    expectClose(optimizer.tensors(of: .momentum).flatMap(\.values), [1, 1.5, 1.75], "velocities")
    #expect(weights.gradient?.values == [0, 0], "gradients start anew")

    weights.gradient?.update(from: [-4, 0])
    biases.gradient?.update(from: [0])
    optimizer.update(rate: 0.2, clippingFactors: [0.5], using: backend)
    // v = v/2 + g/8 + w/4 = [0.75 - 0.5 + 0.4625, 0.875 - 0.29375].
    expectClose(weights.values.values, [1.85 - 0.1425, -1.175 - 0.11625], "weights")
    expectClose(biases.values.values, [1.8], "biases")
    #expect(mean.values.values == [0])
  }

  @Test func clipsByTheNormOfTheMeanGradient() throws {
    let backend = try Self.backend()
    let parameters = [
      try Self.parameter("a", [0, 0], gradient: [12, 0]),
      try Self.parameter("b", [0], gradient: [-16]),
    ]
    func optimizer(limit: Double?) throws -> Optimizer {
      try Optimizer(
        parameters, settings: .init(batch: 4, maximumGradientNorm: limit), on: backend)
    }
    #expect(try optimizer(limit: nil).gradientNorms(using: backend) == [5])
    #expect(try optimizer(limit: nil).clippingFactors(norms: [5]) == [1])
    #expect(try optimizer(limit: 5).clippingFactors(norms: [5]) == [1])
    #expect(try optimizer(limit: 2).clippingFactors(norms: [5]) == [0.4])
    parameters[1].gradient?.update(from: [.nan])
    #expect(try optimizer(limit: 2).gradientNorms(using: backend)[0].isNaN)
  }

  @Test func averagesFollowTheirRule() throws {
    let backend = try Self.backend()
    let value = try Tensor(Shape(channels: 2), values: [1, -3])
    var average = try ExponentialMovingAverage(of: [value], decay: 0.9, ramp: 10, on: backend)
    #expect(average.averages[0].values == [1, -3])
    var expected: [Double] = [1, -3]
    for t in 1...50 {
      let now = [Double(t), Double(-t * t) / 100]
      value.update(from: now.map { Float($0) })
      average.update(using: backend)
      let keep = 0.9 * (1 - exp(-Double(t) / 10))
      expected = zip(expected, now).map { keep * $0 + (1 - keep) * $1 }
    }
    #expect(average.updates == 50)
    expectClose(average.averages[0].values, expected.map { Float($0) }, "average")
    average.restore(updates: 7)
    #expect(average.updates == 7)
    #expect(average.keep(afterUpdates: 1_000_000) == 0.9)
    let steady = try ExponentialMovingAverage(of: [], decay: 0.9, ramp: 0, on: backend)
    #expect(steady.keep(afterUpdates: 1) == 0.9)
  }

  @Test func exchangesValuesAndAverages() throws {
    let backend = try Self.backend()
    let value = try Tensor(Shape(channels: 3), values: [1, .nan, -0.0])
    var average = try ExponentialMovingAverage(of: [value], decay: 0.5, ramp: 0, on: backend)
    value.update(from: [3, 4, 5])
    average.update(using: backend)
    let before = average.averages[0].values.map(\.bitPattern)
    average.exchange(using: backend)
    #expect(value.values.map(\.bitPattern) == before)
    #expect(average.averages[0].values == [3, 4, 5])
    average.exchange(using: backend)
    #expect(value.values == [3, 4, 5])
    #expect(average.averages[0].values.map(\.bitPattern) == before)
  }
}
