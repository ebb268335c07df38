import Compute
import Darknet
import Foundation
import Layers
import TestSupport
import Testing
import Training

@testable import Networks

/// Ten steps of every rule against torch.optim (scripts/optimizers.py).
@Suite struct OptimizerGoldenTests {
  private static let rules: [String: OptimizerRule] = [
    "sgd": .sgd(momentum: 0.9),
    "nesterov": .nesterov(momentum: 0.9),
    "adam": .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8),
    "adam, other numbers": .adam(beta1: 0.8, beta2: 0.95, epsilon: 1e-3),
    "adamw": .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8),
    "rmsprop": .rmsProp(alpha: 0.99, epsilon: 1e-8, momentum: 0),
    "rmsprop, momentum": .rmsProp(alpha: 0.9, epsilon: 1e-4, momentum: 0.7),
  ]

  /// The script's gradient of the mean loss, times the images of a batch.
  private static func gradient(
    _ values: [Float], step: Int, salt: Double, batch: Int
  ) -> [Float] {
    values.indices.map { i in
      if i == values.count - 1 { return 0 }
      let wave = sin(1.7 * Double(step) + 0.9 * Double(i) + salt)
      return Float(Double(batch) * (0.3 * Double(values[i]) + wave) * pow(10, 1 - Double(i)))
    }
  }

  /// The parameters after each of ten steps, weights before biases, and before after each of the updates
  /// in which they are held.
  private static func steps(
    _ settings: Optimizer.Settings, held: Int = 0
  ) throws -> [[Float]] {
    let backend = try OptimizerTests.backend()
    let weights = try OptimizerTests.parameter(
      "weights", [1.5, -0.75, 0.5, -2, 0.25, 0.125], gradient: [0, 0, 0, 0, 0, 0], decays: true)
    let biases = try OptimizerTests.parameter(
      "biases", [0.5, -1.25, 0.75], gradient: [0, 0, 0])
    var training = LayerTraining()
    training.heldIterations = held
    let optimizer = try Optimizer(
      [weights, biases].map { .init(name: $0.name, parameter: $0, training: training, part: 0) },
      settings: settings, on: backend)
    return (0..<held + 10).map { iteration in
      let step = max(0, iteration - held)
      for (parameter, salt) in [(weights, 0.0), (biases, 3.0)] {
        parameter.gradient?.update(
          from: gradient(
            parameter.values.values, step: step, salt: salt, batch: settings.batch))
      }
      optimizer.update(rate: 0.02 / Double(1 + step), iteration: iteration, using: backend)
      return weights.values.values + biases.values.values
    }
  }

  @Test func everyRuleIsTorchs() throws {
    let cases = try goldenCases("optimizers")
    #expect(cases.count == 3 * Self.rules.count)
    for golden in cases {
      let name = String(golden.name.prefix { $0 != ";" })
      let rule = try #require(Self.rules[name], "\(golden.name)")
      let settings = Optimizer.Settings(
        rule: rule, weightDecay: Float(golden.numbers["decay"] ?? .nan),
        decaysAll: golden.numbers["all"] == 1, batch: 4)
      let expected = try golden.array("values")
      let found = try Self.steps(settings)
      expectClose(
        found.flatMap(\.self), expected, relative: 1e-6, absolute: 1e-6, golden.name)
      // Layers that are let go later go the same way from there.
      let later = try Self.steps(settings, held: 3)
      #expect(later[2] == [1.5, -0.75, 0.5, -2, 0.25, 0.125, 0.5, -1.25, 0.75])
      #expect(Array(later[3...]) == found, "\(golden.name)")
    }
  }

  /// The rules differ by more than the tests above allow.
  @Test func everyRuleIsAnother() throws {
    // Without decay both forms of Adam are one.
    let cases = try goldenCases("optimizers").filter { $0.numbers["decay"] != 0 }
      .map { try $0.array("values") }
    for (index, first) in cases.enumerated() {
      for second in cases[(index + 1)...] {
        let difference = zip(first, second).map { abs($0 - $1) }.max() ?? 0
        #expect(difference > 1e-4)
      }
    }
  }
}
