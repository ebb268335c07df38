import Foundation

/// How gradients change parameters, as `optimizer=` of `[net]` names it.
///
/// w is a parameter, r the learning rate of the iteration and g the mean gradient over the batch, clipped
/// if that is asked for, plus `decay` · w, except in ``adamW(beta1:beta2:epsilon:)``. `decay` is 0
/// for biases and scales unless `decay_all=1`. What a rule remembers begins at 0.
package enum OptimizerRule: Sendable, Hashable, Codable {
  /// v ← momentum · v + g, w ← w − r · v: Darknet's rule.
  case sgd(momentum: Float)
  /// v ← momentum · v + g, w ← w − r · (g + momentum · v): PyTorch's form of Nesterov's momentum.
  case nesterov(momentum: Float)
  /// m ← β₁ · m + (1 − β₁) · g, s ← β₂ · s + (1 − β₂) · g²,
  /// w ← w − r · m̂ / (√ŝ + ε) with m̂ = m / (1 − β₁ᵗ), ŝ = s / (1 − β₂ᵗ), t the updates of w so far,
  /// this one included: Kingma and Ba 2015, and PyTorch.
  ///
  /// Darknet's `adam=1` corrects both moments in the same way, but computes with the gradient summed over
  /// the batch, so that its ε is worth ε / batch here, decays biases and scales too, and does all that
  /// on a GPU only.
  case adam(beta1: Float, beta2: Float, epsilon: Float)
  /// The same with g free of decay, and w ← (1 − r · decay) · w before: Loshchilov and Hutter 2019.
  case adamW(beta1: Float, beta2: Float, epsilon: Float)
  /// s ← α · s + (1 − α) · g², v ← momentum · v + g / (√s + ε), w ← w − r · v: PyTorch's form, not
  /// centred; without momentum nothing is remembered of v.
  case rmsProp(alpha: Float, epsilon: Float, momentum: Float)

  /// What a rule remembers of every parameter.
  package enum Slot: String, Sendable, CaseIterable {
    /// v of SGD and RMSprop, m of Adam.
    case momentum
    /// s: the mean square of the gradient.
    case squares
  }

  /// The rules by the names that users have for them.
  package enum Name: String, Sendable, CaseIterable, Codable {
    case sgd, nesterov, adam, adamw, rmsprop
  }

  /// What it is called.
  package var name: Name {
    switch self {
    case .sgd: .sgd
    case .nesterov: .nesterov
    case .adam: .adam
    case .adamW: .adamw
    case .rmsProp: .rmsprop
    }
  }

  /// What it remembers, in the order of checkpoints.
  package var slots: [Slot] {
    switch self {
    case .sgd, .nesterov: [.momentum]
    case .adam, .adamW: [.momentum, .squares]
    case .rmsProp(_, _, let momentum): momentum > 0 ? [.momentum, .squares] : [.squares]
    }
  }
}

extension OptimizerRule.Name {
  /// A learning rate to begin with where nobody says one, and where the cfg's is for a rule of another
  /// scale: steps of SGD are as long as gradients are, those of the others as long as the rate.
  package var usualRate: Double {
    switch self {
    case .sgd, .nesterov: 0.01
    case .adam, .adamw: 0.001
    case .rmsprop: 0.0005
    }
  }

  /// Whether steps are as long as gradients are.
  package var followsGradients: Bool { self == .sgd || self == .nesterov }

  /// Keys of `[net]` that only some rules have a use for.
  fileprivate static let ownKeys: Set = [
    "momentum", "B1", "B2", "eps", "alpha", "rmsprop_momentum",
  ]

  /// Those that this rule has a use for.
  private var keys: Set<String> {
    switch self {
    case .sgd, .nesterov: ["momentum"]
    case .adam, .adamw: ["B1", "B2", "eps"]
    case .rmsprop: ["alpha", "eps", "rmsprop_momentum"]
    }
  }

  /// As `[net]` has it.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``, also for `adam=1` beside another rule.
  init(_ net: ConfigurationSection) throws(DarknetError) {
    let isAdam = try net.flag("adam", default: false)
    self = try net.choice("optimizer", default: isAdam ? .adam : .sgd)
    if isAdam, self != .adam {
      throw net.error(
        "adam=1 and optimizer=\(rawValue) in [net] contradict each other; leave one of them out",
        line: net["optimizer"]?.line)
    }
  }

  /// Keys of `[net]` that are used, of those that only some rules have a use for; all of them where
  /// `[net]` contradicts itself, of which whoever reads it tells.
  static func usedKeys(_ net: ConfigurationSection) -> Set<String> {
    (try? Self(net))?.keys ?? ownKeys
  }
}

extension OptimizerRule {
  /// As `[net]` has it.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  init(_ net: ConfigurationSection) throws(DarknetError) {
    // Shares of 1 would remember for ever.
    func share(_ key: String, _ fallback: Float) throws(DarknetError) -> Float {
      try net.number(key, default: fallback, in: 0...0.999999)
    }
    func epsilon() throws(DarknetError) -> Float {
      try net.number("eps", default: 1e-8, in: 1e-20...1)
    }
    func momentum() throws(DarknetError) -> Float {
      try net.number("momentum", default: 0.9, in: 0...1)
    }
    switch try Name(net) {
    case .sgd: self = .sgd(momentum: try momentum())
    case .nesterov: self = .nesterov(momentum: try momentum())
    case .adam:
      self = .adam(
        beta1: try share("B1", 0.9), beta2: try share("B2", 0.999), epsilon: try epsilon())
    case .adamw:
      self = .adamW(
        beta1: try share("B1", 0.9), beta2: try share("B2", 0.999), epsilon: try epsilon())
    case .rmsprop:
      self = .rmsProp(
        alpha: try share("alpha", 0.99), epsilon: try epsilon(),
        momentum: try share("rmsprop_momentum", 0))
    }
  }
}

extension ConfigurationFile {
  /// The cfg with another optimiser, and with that one's usual rate if the cfg's was for steps of
  /// another scale.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  package func settingOptimizer(
    _ name: OptimizerRule.Name
  ) throws(DarknetError) -> ConfigurationFile {
    let old = try NetConfiguration(self).optimizer.name
    var edits = [(0, "optimizer", name.rawValue)]
    if sections[0]["adam"] != nil { edits.append((0, "adam", "0")) }
    if old.usualRate != name.usualRate {
      edits.append((0, "learning_rate", "\(name.usualRate)"))
    }
    return try setting(edits)
  }
}
