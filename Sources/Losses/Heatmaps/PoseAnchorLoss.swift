/// Anchor loss of the heatmaps of a pose network (Ryou, Jeong, Perona, arXiv 1909.11155).
///
/// For a map with logits z, targets p and q = σ(z), with BCE = −p ln q − (1 − p) ln(1 − q):
///
///     ℓ = M·BCE(p, q)
///     M = (1 + q − max(0, q* − slack))ᵞ where p = 0, else 1;   q* = max q over the pixels with p > ½
///
/// q* belongs to one joint of one image and is a constant of the gradient. M is 1 in a map without a
/// target above ½. The targets need exact zeros, as those of ``HeatmapTargets``. The base of the power is
/// at least 10⁻⁶.
package struct PoseAnchorLoss: Sendable, Hashable {
  /// γ ≥ 0.
  package let exponent: Float
  /// The margin of the anchor probability, 0...1.
  package let slack: Float

  /// An anchor loss with γ ≥ 0 and a slack in 0...1.
  package init(exponent: Float = 2, slack: Float = 0) {
    precondition(exponent >= 0 && exponent.isFinite, "exponent \(exponent)")
    precondition((0...1).contains(slack), "slack \(slack)")
    self.exponent = exponent
    self.slack = slack
  }

  /// 1 − max(0, q* − slack) of a map; nil without a target above ½.
  func offset(
    _ pixels: StrideTo<Int>, _ logits: UnsafeBufferPointer<Float>,
    _ targets: UnsafeBufferPointer<Float>
  ) -> Float? {
    let largestLogit = pixels.lazy.filter { targets[$0] > 0.5 }.map { logits[$0] }.max()
    return largestLogit.map {
      1 - max(0, LogisticTerm.binaryCrossEntropy(logit: $0, target: 1).probability - slack)
    }
  }

  /// M·BCE of a pixel.
  func term(logit: Float, target: Float, offset: Float?) -> LogisticTerm {
    guard let offset, target == 0 else {
      return .binaryCrossEntropy(logit: logit, target: target)
    }
    return .modulated(logit: logit, isPositive: false, offset: offset, exponent: exponent)
  }
}
