/// How ``YOLOLoss`` judges the objectness q = σ(o) of an anchor.
///
/// Terms of a positive, whose target is 1, and of a negative, whose target is 0:
///
///     binary cross-entropy   −ln q                    −ln(1 − q)
///     focal                  −α (1 − q)ᵞ ln q         −(1 − α) qᵞ ln(1 − q)
///     anchor                 −ln q                    −(1 + q − max(0, q* − slack))ᵞ ln(1 − q)
///
/// A target t between them, of `objectness_smooth`, makes a positive with −t ln q − (1 − t) ln(1 − q)
/// in the place of −ln q, and |q − t| in that of focal loss's 1 − q.
package enum ObjectnessLoss: Sendable, Hashable {
  /// Plain binary cross-entropy.
  case binaryCrossEntropy
  /// Focal loss (Lin et al., arXiv 1708.02002).
  ///
  /// The focusing exponent γ ≥ 0 is 2 in the paper; γ = 0 without a weight is binary
  /// cross-entropy. The positive weight α in 0...1 weighs positives and 1 − α negatives; nil gives
  /// both the weight 1.
  case focal(focusingExponent: Float = 2, positiveWeight: Float? = nil)
  /// Anchor loss (Ryou et al., arXiv 1909.11155) with the assigned anchors as the reference.
  ///
  /// Objectness has no competing class. As with the true location among the pixels of a pose map,
  /// q* is the largest objectness among the positives that the image has in this head: a negative
  /// that scores above it is penalised more, one below it less than by cross-entropy. q* is a
  /// constant of the gradient. Without positives the negatives have plain cross-entropy. The
  /// exponent γ ≥ 0; the slack in 0...1 is a probability. The base of the power is at least 10⁻⁶.
  case anchor(exponent: Float = 0.5, slack: Float = 0.05)

  /// Whether exponents, weight and slack are in their ranges.
  package var isValid: Bool {
    switch self {
    case .binaryCrossEntropy: true
    case .focal(let exponent, let weight):
      exponent >= 0 && exponent.isFinite && (weight.map { (0...1).contains($0) } ?? true)
    case .anchor(let exponent, let slack):
      exponent >= 0 && exponent.isFinite && (0...1).contains(slack)
    }
  }

  /// The plain binary cross-entropy of one anchor, whatever loss it is trained with.
  package static func crossEntropy(logit: Float, target: Float) -> Float {
    Float(LogisticTerm.binaryCrossEntropy(logit: logit, target: target).value)
  }

  /// The term of an anchor with a target in 0...1; `largestPositive` is q*, nil in an image without
  /// positives.
  func term(logit: Float, target: Float, largestPositive: Float?) -> LogisticTerm {
    switch self {
    case .focal(let exponent, let weight):
      let term =
        target == 0 || target == 1
        ? LogisticTerm.modulated(
          logit: logit, isPositive: target == 1, offset: 0, exponent: exponent)
        : .modulated(logit: logit, target: target, exponent: exponent)
      guard let weight else { return term }
      return term.scaled(by: target > 0 ? weight : 1 - weight)
    case .anchor(let exponent, let slack):
      guard target == 0, let largestPositive else { break }
      return .modulated(
        logit: logit, isPositive: false, offset: 1 - max(0, largestPositive - slack),
        exponent: exponent)
    case .binaryCrossEntropy: break
    }
    return .binaryCrossEntropy(logit: logit, target: target)
  }
}
