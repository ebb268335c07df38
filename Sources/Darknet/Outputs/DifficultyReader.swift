import Uncertainty

/// Reads what a section says about difficulty: `uncertainty_map=`, `difficulty_weight=`,
/// `difficulty_control=` with `constant_uncertainty=`, and how bits are computed.
struct DifficultyReader {
  let section: ConfigurationSection

  private enum ControlKind: String, CaseIterable { case none, constant, shuffled }

  /// What the keys say.
  ///
  /// - Parameters:
  ///   - scale: `logit_scale=` where it is absent.
  ///   - knowsLosses: Whether the loss of each unit is at hand when they are weighted.
  /// - Returns: The paper's difficulty where nothing is said.
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  func difficulty(
    scale: BALD.LogitScale = .probit, knowsLosses: Bool = false
  ) throws(DarknetError) -> Difficulty {
    var difficulty = Difficulty()
    difficulty.bald.form = try section.choice("bald", default: .closedForm)
    difficulty.bald.logitScale = try section.choice("logit_scale", default: scale)
    difficulty.bald.clampsNegative = try section.flag("bald_clamp", default: true)
    difficulty.map = try section.choice("uncertainty_map", default: .sigmoid)
    for key in ["uncertainty_slope", "uncertainty_center"] where difficulty.map != .sigmoidScaled {
      if let stray = section[key] {
        throw section.error(
          "\(key)= in [\(section.name)] needs uncertainty_map=sigmoidScaled", line: stray.line)
      }
    }
    difficulty.slope = try section.number(
      "uncertainty_slope", default: difficulty.slope, in: 1e-3...1e3)
    difficulty.center = try section.number(
      "uncertainty_center", default: difficulty.center, in: -100...100)
    difficulty.weighting = try section.choice("difficulty_weight", default: .raw)
    guard knowsLosses || difficulty.weighting != .sameLoss else {
      throw section.error(
        "difficulty_weight=sameLoss is for [yolo]; [\(section.name)] has meanOne",
        line: section["difficulty_weight"]?.line)
    }
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
