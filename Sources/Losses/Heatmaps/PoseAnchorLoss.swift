import Foundation

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

  /// M of every pixel of a map: above 1 where the map is higher than the anchor although nothing is there,
  /// below 1 where it is lower, and 1 where the target is not 0.
  ///
  /// - Parameters:
  ///   - probabilities: q, 0...1, of one joint of one image.
  ///   - targets: p of the same pixels.
  /// - Returns: One a pixel, ≥ 0.
  package func modulators(of probabilities: [Float], targets: [Float]) -> [Float] {
    precondition(
      probabilities.count == targets.count, "\(targets.count) targets of other pixels")
    let highest = zip(probabilities, targets).filter { $0.1 > 0.5 }.map(\.0).max()
    guard let highest else { return probabilities.map { _ in 1 } }
    let offset = 1 - max(0, highest - slack)
    return zip(probabilities, targets).map { probability, target in
      target == 0
        ? pow(max(offset + probability, Float(LogisticTerm.smallestBase)), exponent) : 1
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
