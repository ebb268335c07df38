import Foundation

extension AnchorLoss {
  /// The loss of an image with q = softmax(z), and its gradient; in Double.
  ///
  /// A background class k has the coefficient c = mᵞ + γ mᵞ⁻¹ (1 − qₖ)(−ln(1 − qₖ)), m = 1 + qₖ − a,
  /// and the gradient c qₖ in zₖ, −c qₖ qⱼ / (1 − qₖ) in the others; the label has
  /// c = mᵞ + γ mᵞ⁻¹ q_y (−ln q_y), m = 1 − q_y + a, and c (qⱼ − [j = y]). Classes that are not
  /// modulated have c = 1. 1 − qₖ is taken as the sum of the others, on their own scale for the one class
  /// above ½, so that nothing is divided by a difference that was lost.
  func softmax(
    _ logits: UnsafeBufferPointer<Float>, _ label: Int,
    _ gradient: UnsafeMutableBufferPointer<Float>
  ) -> Double {
    let image = SoftmaxImage(logits)
    let q = image.probabilities
    let rival = logits.indices.filter { $0 != label }.map { q[$0] }.max() ?? 0
    let anchor =
      modulated == .background
      ? max(0, q[label] - Double(slack)) : min(1, rival + Double(slack))
    var loss = 0.0
    // Σ of what background classes, but for the leader, take from qⱼ.
    var common = 0.0
    var own = [Double](repeating: 0, count: q.count)
    for index in logits.indices where index != label {
      let (rest, surprise) = image.complement(of: index)
      let (factor, coefficient) = modulator(
        base: 1 + q[index] - anchor, tangent: rest * surprise, applies: modulated == .background)
      loss += factor * surprise
      own[index] += coefficient * q[index]
      if index == image.leader {
        for other in logits.indices where other != index {
          own[other] -= coefficient * q[index] * image.shareOfRest[other]
        }
      } else {
        let share = coefficient * q[index] / rest
        common += share
        own[index] += share * q[index]
      }
    }
    let surprise = image.surprise(of: label)
    let (factor, coefficient) = modulator(
      base: 1 - q[label] + anchor, tangent: q[label] * surprise, applies: modulated == .target)
    loss += factor * surprise
    own[label] -= coefficient
    common -= coefficient
    for index in logits.indices { gradient[index] = Float(own[index] - common * q[index]) }
    return loss
  }

  /// mᵞ, and mᵞ + γ mᵞ⁻¹ · tangent; 1 and 1 where nothing is modulated.
  private func modulator(
    base: Double, tangent: Double, applies: Bool
  ) -> (factor: Double, coefficient: Double) {
    guard applies else { return (1, 1) }
    let (exponent, cut) = (Double(exponent), max(base, 1e-6))
    let factor = pow(cut, exponent)
    return (factor, base >= 1e-6 ? factor + exponent * pow(cut, exponent - 1) * tangent : factor)
  }
}

/// The softmax of an image's logits, and of all but the leading class.
private struct SoftmaxImage {
  let probabilities: [Double]
  /// The class with the largest logit.
  let leader: Int
  /// The softmax over the others; 0 for the leader.
  let shareOfRest: [Double]
  private let logits: [Double]
  /// ln Σ eᶻ of all, and of all but the leader.
  private let total, rest: Double

  init(_ values: UnsafeBufferPointer<Float>) {
    let logits = values.map(Double.init)
    let leader = logits.indices.max { logits[$0] < logits[$1] } ?? 0
    func sum(_ indices: [Int]) -> Double {
      let largest = indices.map { logits[$0] }.max() ?? 0
      return largest + log(indices.reduce(0) { $0 + exp(logits[$1] - largest) })
    }
    let (total, rest) = (
      sum(Array(logits.indices)), sum(logits.indices.filter { $0 != leader })
    )
    probabilities = logits.map { exp($0 - total) }
    shareOfRest = logits.indices.map { $0 == leader ? 0 : exp(logits[$0] - rest) }
    (self.logits, self.leader, self.total, self.rest) = (logits, leader, total, rest)
  }

  /// −ln q.
  func surprise(of index: Int) -> Double { total - logits[index] }

  /// 1 − q and −ln(1 − q).
  func complement(of index: Int) -> (rest: Double, surprise: Double) {
    guard index == leader else {
      return (1 - probabilities[index], -log1p(-probabilities[index]))
    }
    return (exp(rest - total), total - rest)
  }
}
