import Foundation

/// The numbers of one step of Adam, whose moments m and v have been updated t times with it.
///
///     g ← gradientScale · gradient + decay · w
///     m ← β₁ · m + (1 − β₁) · g,   v ← β₂ · v + (1 − β₂) · g²
///     w ← shrink · w − rate · m / (rootCorrection · √v + ε)
package struct AdamStep: Sendable, Equatable {
  /// The learning rate divided by 1 − β₁ᵗ.
  package var rate: Float
  /// β₁, 0 ..< 1.
  package var beta1: Float
  /// β₂, 0 ..< 1.
  package var beta2: Float
  /// 1 / √(1 − β₂ᵗ).
  package var rootCorrection: Float
  /// ε > 0.
  package var epsilon: Float
  /// Factor of the weights in their gradient.
  package var decay: Float
  /// Factor on the weights before the step.
  package var shrink: Float
  /// Factor on the gradient.
  package var gradientScale: Float

  /// The numbers of step t ≥ 1, both moments corrected for having begun at 0.
  ///
  /// - Parameters:
  ///   - rate: The learning rate.
  ///   - step: t: how often the moments will have been updated, this time included.
  ///   - beta1: β₁, 0 ..< 1.
  ///   - beta2: β₂, 0 ..< 1.
  ///   - epsilon: ε > 0.
  ///   - decay: Factor of the weights in their gradient.
  ///   - shrink: Factor on the weights before the step.
  ///   - gradientScale: Factor on the gradient.
  package init(
    rate: Float, step: Int, beta1: Float, beta2: Float, epsilon: Float, decay: Float = 0,
    shrink: Float = 1, gradientScale: Float = 1
  ) {
    func missing(_ beta: Float) -> Double { 1 - pow(Double(beta), Double(step)) }
    self.rate = Float(Double(rate) / missing(beta1))
    self.beta1 = beta1
    self.beta2 = beta2
    rootCorrection = Float(1 / missing(beta2).squareRoot())
    self.epsilon = epsilon
    self.decay = decay
    self.shrink = shrink
    self.gradientScale = gradientScale
  }
}

/// The numbers of one step of RMSprop.
///
///     g ← gradientScale · gradient + decay · w,   s ← α · s + (1 − α) · g²
///     v ← momentum · v + g / (√s + ε),   w ← w − rate · v
package struct RMSpropStep: Sendable, Equatable {
  /// The learning rate.
  package var rate: Float
  /// α, 0 ..< 1.
  package var alpha: Float
  /// ε > 0.
  package var epsilon: Float
  /// The share of the last step that this one keeps, 0 ..< 1.
  package var momentum: Float
  /// Factor of the weights in their gradient.
  package var decay: Float
  /// Factor on the gradient.
  package var gradientScale: Float

  /// The numbers of a step.
  package init(
    rate: Float, alpha: Float, epsilon: Float, momentum: Float = 0, decay: Float = 0,
    gradientScale: Float = 1
  ) {
    self.rate = rate
    self.alpha = alpha
    self.epsilon = epsilon
    self.momentum = momentum
    self.decay = decay
    self.gradientScale = gradientScale
  }
}
