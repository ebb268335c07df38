import Darknet
import Foundation
import Networks
import Testing

/// `optimizer=` of `[net]`, Darknet's `adam=1`, and the keys that only some optimisers have.
@Suite struct OptimizerRuleTests {
  private func file(_ lines: String) throws -> ConfigurationFile {
    try parse("[net]\nwidth=64\nheight=32\n\(lines)")
  }

  private func rule(_ lines: String) throws -> OptimizerRule {
    try NetConfiguration(file(lines)).optimizer
  }

  @Test func rulesAreNamed() throws {
    #expect(try rule("momentum=.8") == .sgd(momentum: 0.8))
    #expect(try rule("adam=0\nmomentum=.8") == .sgd(momentum: 0.8))
    #expect(try rule("optimizer=sgd") == .sgd(momentum: 0.9))
    #expect(try rule("optimizer=nesterov\nmomentum=.5") == .nesterov(momentum: 0.5))
    for keys in ["adam=1", "optimizer=adam", "adam=1\noptimizer=adam", "adam=0\noptimizer=adam"] {
      #expect(try rule(keys) == .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), "\(keys)")
    }
    #expect(
      try rule("adam=1\nB1=.8\nB2=.95\neps=1e-6")
        == .adam(beta1: 0.8, beta2: 0.95, epsilon: 1e-6))
    #expect(
      try rule("optimizer=adamw\nB1=.8\nB2=.95\neps=1e-6")
        == .adamW(beta1: 0.8, beta2: 0.95, epsilon: 1e-6))
    #expect(try rule("optimizer=rmsprop") == .rmsProp(alpha: 0.99, epsilon: 1e-8, momentum: 0))
    #expect(
      try rule("optimizer=rmsprop\nmomentum=.9\nalpha=.9\neps=.01\nrmsprop_momentum=.5")
        == .rmsProp(alpha: 0.9, epsilon: 0.01, momentum: 0.5))
    #expect(try NetConfiguration(file("decay_all=1")).decaysAll)
  }

  @Test(arguments: [
    (
      "adam=1\nmomentum=.9\noptimizer=sgd",
      "x.cfg:6: adam=1 and optimizer=sgd in [net] contradict each other; leave one of them out"
    ),
    (
      "optimizer=adamw\nadam=1",
      "x.cfg:4: adam=1 and optimizer=adamw in [net] contradict each other; leave one of them out"
    ),
    (
      "optimizer=lion",
      "x.cfg:4: optimizer=lion in [net]: unknown; use one of sgd, nesterov, adam, adamw, rmsprop"
    ),
    ("adam=2", "x.cfg:4: adam=2 in [net]: must be in 0...1"),
    ("adam=1\nB1=1", "x.cfg:5: B1=1 in [net]: must be in 0.0...0.999999"),
    ("adam=1\neps=0", "x.cfg:5: eps=0 in [net]: must be in 1e-20...1.0"),
    ("optimizer=rmsprop\nalpha=1", "x.cfg:5: alpha=1 in [net]: must be in 0.0...0.999999"),
    ("decay_all=2", "x.cfg:4: decay_all=2 in [net]: must be in 0...1"),
    ("bn_momentum=0", "x.cfg:4: bn_momentum=0 in [net]: must be in 0.0001...1.0"),
  ])
  func refused(_ lines: String, _ expected: String) {
    #expect(message { try rule(lines) } == expected)
  }

  /// What the optimiser has no use for is said; the same keys of another are not.
  @Test(arguments: [
    ("", ["B1", "B2", "eps", "alpha", "rmsprop_momentum"]),
    ("optimizer=nesterov", ["B1", "B2", "eps", "alpha", "rmsprop_momentum"]),
    ("adam=1", ["momentum", "alpha", "rmsprop_momentum"]),
    ("optimizer=adamw", ["momentum", "alpha", "rmsprop_momentum"]),
    ("optimizer=rmsprop", ["momentum", "B1", "B2"]),
    // Whoever reads it tells what is wrong.
    ("optimizer=lion", []),
  ])
  func keysWithoutUseAreNamed(_ optimizer: String, _ ignored: [String]) throws {
    let keys = "momentum=.9\nB1=.9\nB2=.999\neps=1e-8\nalpha=.9\nrmsprop_momentum=.1\n"
    #expect(try file(keys + optimizer).ignoredKeys.map(\.key) == ignored)
  }

  @Test func rulesRememberWhatTheyNeed() {
    typealias Rule = OptimizerRule
    #expect(Rule.sgd(momentum: 0).slots == [.momentum])
    #expect(Rule.nesterov(momentum: 0.9).slots == [.momentum])
    #expect(Rule.adam(beta1: 0, beta2: 0, epsilon: 1).slots == [.momentum, .squares])
    #expect(Rule.adamW(beta1: 0, beta2: 0, epsilon: 1).slots == [.momentum, .squares])
    #expect(Rule.rmsProp(alpha: 0, epsilon: 1, momentum: 0).slots == [.squares])
    #expect(Rule.rmsProp(alpha: 0, epsilon: 1, momentum: 0.1).slots == [.momentum, .squares])
  }

  /// Another optimiser takes its own rate along, unless it makes steps of the same size.
  @Test func optimizersAreExchanged() throws {
    func changed(_ lines: String, to name: OptimizerRule.Name) throws -> NetConfiguration {
      try NetConfiguration(file(lines).settingOptimizer(name))
    }
    let adam = try changed("learning_rate=.1\nmomentum=.9", to: .adamw)
    #expect(adam.optimizer.name == .adamw && adam.learningRate == 0.001)
    #expect(try changed("learning_rate=.1", to: .rmsprop).learningRate == 0.0005)
    for name in [OptimizerRule.Name.sgd, .nesterov] {
      let kept = try changed("learning_rate=.1\nmomentum=.7", to: name)
      #expect(kept.optimizer.name == name && kept.learningRate == 0.1)
    }
    let back = try changed("adam=1\nlearning_rate=.002", to: .sgd)
    #expect(back.optimizer == .sgd(momentum: 0.9) && back.learningRate == 0.01)
    #expect(try changed("adam=1\nB2=.9\nlearning_rate=.002", to: .adamw).learningRate == 0.002)
  }

  @Test func memoryFollowsTheOptimizer() throws {
    func summary(_ keys: String) throws -> NetworkSummary {
      let text = tinyNetwork.replacingOccurrences(of: "[net]\n", with: "[net]\n\(keys)\n")
      return try NetworkSummary(build(text))
    }
    let plain = try summary("momentum=.9")
    let adam = try summary("optimizer=adam")
    #expect(adam.trainingBytes - plain.trainingBytes == plain.memory.parameterBytes)
    #expect(adam.text.contains("parameters twice or four times"))
    #expect(try summary("optimizer=rmsprop").trainingBytes == plain.trainingBytes)
  }
}
