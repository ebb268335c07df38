import Uncertainty

/// Reads what a section says about difficulty: `uncertainty_map=`, `difficulty_weight=`,
/// `difficulty_control=` with `constant_uncertainty=`, and how bits are computed.
struct DifficultyReader {
  let section: ConfigurationSection

  private enum ControlKind: String, CaseIterable { case none, constant, shuffled }

  /// What the keys say.
  ///
  /// - Parameter scale: `logit_scale=` where it is absent.
  /// - Returns: The paper's difficulty where nothing is said.
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  func difficulty(scale: BALD.LogitScale = .probit) throws(DarknetError) -> Difficulty {
    var difficulty = Difficulty()
    difficulty.bald.form = try section.choice("bald", default: .closedForm)
    difficulty.bald.logitScale = try section.choice("logit_scale", default: scale)
    difficulty.bald.clampsNegative = try section.flag("bald_clamp", default: true)
    difficulty.map = try section.choice("uncertainty_map", default: .sigmoid)
    difficulty.weighting = try section.choice("difficulty_weight", default: .raw)
    switch try section.choice("difficulty_control", default: ControlKind.none) {
    case .none: break
    case .shuffled: difficulty.control = .shuffled
    case .constant:
      difficulty.control = .constant(
        try section.number("constant_uncertainty", default: 0.5, in: 0...1))
    }
    return difficulty
  }
}
