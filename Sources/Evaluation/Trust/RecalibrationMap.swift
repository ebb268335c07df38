import Detection
import Foundation

/// A map from confidence to the probability that the detection is right, fitted to data.
///
/// Fit on images that the detector was neither trained nor will be evaluated on: on its training
/// images a detector is surer than elsewhere, and a map that has seen the test images makes every
/// number of trust look better than it is. ``RecalibrationModel`` keeps the ids of the fitting images
/// for that reason.
package enum RecalibrationMap: Hashable, Sendable, Codable {
  /// σ(logit(p) / temperature), temperature > 0.
  case temperature(Double)
  /// σ(slope · logit(p) + offset) (Platt 1999, on the logit).
  case platt(slope: Double, offset: Double)
  /// Linear between ascending knots, level beyond them.
  case isotonic(Isotonic)

  /// The knots of an isotonic map.
  package struct Isotonic: Hashable, Sendable, Codable {
    /// Ascending confidences.
    package let confidences: [Double]
    /// The probability at each, never decreasing, 0...1.
    package let probabilities: [Double]
  }

  /// How far an isotonic map leans towards the confidence itself where order matters.
  static let orderShare = 1e-3

  /// The best map of Platt's that does not depend on the confidence, which is the best of all that do
  /// not fall if the best of all falls.
  private static func level(_ isRight: [Bool]) -> RecalibrationMap {
    let right = Double(isRight.count(where: \.self))
    let wrong = Double(isRight.count) - right
    let sum = right * (right + 1) / (right + 2) + wrong / (wrong + 2)
    return .platt(slope: 0, offset: logit(sum / (right + wrong)))
  }

  /// The recalibrated confidence, with a thousandth of the confidence in a map that can be level:
  /// level steps would make ties of detections that were in order, and change their average precision.
  func applyKeepingOrder(_ confidence: Double) -> Double {
    switch self {
    case .isotonic, .platt(slope: 0, offset: _): break
    case .temperature, .platt: return apply(confidence)
    }
    return (1 - Self.orderShare) * apply(confidence) + Self.orderShare * confidence
  }

  /// The recalibrated confidence, 0...1, of one in 0...1.
  package func apply(_ confidence: Double) -> Double {
    switch self {
    case .temperature(let temperature):
      return logistic(Self.logit(confidence) / temperature)
    case .platt(let slope, let offset):
      return logistic(slope * Self.logit(confidence) + offset)
    case .isotonic(let map):
      return map.apply(confidence)
    }
  }

  /// The log-odds of a confidence kept 1e-7 away from 0 and 1.
  static func logit(_ confidence: Double) -> Double {
    let p = min(max(confidence, 1e-7), 1 - 1e-7)
    return log(p) - log1p(-p)
  }
}

extension RecalibrationMap.Isotonic {
  /// The map at a confidence.
  func apply(_ confidence: Double) -> Double {
    guard let first = probabilities.first, let last = probabilities.last,
      probabilities.count == confidences.count
    else { return confidence }
    // The first knot beyond the confidence, by bisection.
    var low = 0
    var high = confidences.count
    while low < high {
      let middle = (low + high) / 2
      if confidences[middle] > confidence { high = middle } else { low = middle + 1 }
    }
    if low == 0 { return first }
    if low == confidences.count { return last }
    let span = confidences[low] - confidences[low - 1]
    let share = (confidence - confidences[low - 1]) / span
    return probabilities[low - 1] + share * (probabilities[low] - probabilities[low - 1])
  }
}

extension RecalibrationMap {
  /// The families of maps.
  package enum Method: String, Sendable, CaseIterable, Codable {
    /// One number.
    case temperature
    /// Two numbers.
    case platt
    /// Any non-decreasing map. It may promise 0 or 1 where few detections decide, which costs
    /// likelihood on others.
    case isotonic
  }

  /// The map of a family that fits confidences and verdicts best: by likelihood, the isotonic one by
  /// squares.
  ///
  /// The likelihood is that of Platt's targets (1999): of n₁ right and n₀ wrong detections, a right one
  /// is to have the probability (n₁ + 1) / (n₁ + 2), a wrong one 1 / (n₀ + 2). Where a few detections
  /// can be told apart without a mistake it would grow without end towards a step.
  ///
  /// - Parameters:
  ///   - method: The family.
  ///   - confidences: In 0...1.
  ///   - isRight: Whether each detection is right.
  /// - Returns: Nil without detections; for temperature and Platt also unless there are both right
  ///   and wrong ones. Where more confidence is less often right, Platt's map is level and there is
  ///   no temperature.
  package static func fitted(
    _ method: Method, confidences: [Double], isRight: [Bool]
  ) -> RecalibrationMap? {
    precondition(confidences.count == isRight.count, "verdicts and confidences differ in number")
    guard !confidences.isEmpty else { return nil }
    switch method {
    case .isotonic:
      return .isotonic(.fitted(confidences, isRight))
    case .temperature, .platt:
      guard isRight.contains(true), isRight.contains(false) else { return nil }
      let logits = confidences.map(logit)
      let fit = LogisticFit(logits, isRight, hasOffset: method == .platt)
      guard fit.slope.isFinite, fit.offset.isFinite else { return nil }
      if fit.slope <= 0 { return method == .platt ? .level(isRight) : nil }
      return method == .platt
        ? .platt(slope: fit.slope, offset: fit.offset) : .temperature(1 / fit.slope)
    }
  }
}

extension RecalibrationMap.Isotonic {
  /// Least squares under monotonicity by pooling adjacent violators (Ayer and others 1955).
  static func fitted(_ confidences: [Double], _ isRight: [Bool]) -> RecalibrationMap.Isotonic {
    struct Block {
      var first: Double
      var last: Double
      var right: Double
      var count: Double
      var mean: Double { right / count }
    }
    var blocks: [Block] = []
    for index in confidences.indices.sorted(by: { confidences[$0] < confidences[$1] }) {
      let value = confidences[index]
      let right = isRight[index] ? 1.0 : 0
      if let last = blocks.last, last.last == value, last.first == value {
        blocks[blocks.count - 1].right += right
        blocks[blocks.count - 1].count += 1
      } else {
        blocks.append(Block(first: value, last: value, right: right, count: 1))
      }
    }
    var pooled: [Block] = []
    for block in blocks {
      pooled.append(block)
      while pooled.count > 1, pooled[pooled.count - 2].mean >= pooled[pooled.count - 1].mean {
        let last = pooled.removeLast()
        pooled[pooled.count - 1].last = last.last
        pooled[pooled.count - 1].right += last.right
        pooled[pooled.count - 1].count += last.count
      }
    }
    var knots: [Double] = []
    var values: [Double] = []
    for block in pooled {
      for knot in block.first == block.last ? [block.first] : [block.first, block.last] {
        knots.append(knot)
        values.append(block.mean)
      }
    }
    return RecalibrationMap.Isotonic(confidences: knots, probabilities: values)
  }
}

/// Maximum likelihood of σ(slope · x + offset) by Newton's method with halved steps.
private struct LogisticFit {
  private(set) var slope = 1.0
  private(set) var offset = 0.0

  init(_ x: [Double], _ isRight: [Bool], hasOffset: Bool) {
    let right = Double(isRight.count(where: \.self))
    let wrong = Double(isRight.count) - right
    let targets = isRight.map { $0 ? (right + 1) / (right + 2) : 1 / (wrong + 2) }
    var loss = Self.loss(x, targets, slope, offset)
    for _ in 0..<100 {
      var gradient = (slope: 0.0, offset: 0.0)
      var curvature = (slope: 1e-12, cross: 0.0, offset: 1e-12)
      for (value, target) in zip(x, targets) {
        let p = logistic(slope * value + offset)
        let error = p - target
        gradient.slope += error * value
        gradient.offset += error
        let weight = p * (1 - p)
        curvature.slope += weight * value * value
        curvature.cross += weight * value
        curvature.offset += weight
      }
      var step: (slope: Double, offset: Double)
      if hasOffset {
        let determinant =
          curvature.slope * curvature.offset - curvature.cross * curvature.cross
        step = (
          (gradient.slope * curvature.offset - gradient.offset * curvature.cross) / determinant,
          (gradient.offset * curvature.slope - gradient.slope * curvature.cross) / determinant
        )
      } else {
        step = (gradient.slope / curvature.slope, 0)
      }
      guard step.slope.isFinite, step.offset.isFinite else { return }
      var scale = 1.0
      var next = loss
      repeat {
        next = Self.loss(x, targets, slope - scale * step.slope, offset - scale * step.offset)
        if next <= loss { break }
        scale /= 2
      } while scale > 1e-10
      guard next <= loss else { return }
      slope -= scale * step.slope
      offset -= scale * step.offset
      let gain = loss - next
      loss = next
      if gain <= 1e-15 * abs(loss), abs(scale * step.slope) < 1e-10 * max(1, abs(slope)) { return }
    }
  }

  private static func loss(
    _ x: [Double], _ targets: [Double], _ slope: Double, _ offset: Double
  ) -> Double {
    var sum = 0.0
    for (value, target) in zip(x, targets) {
      let z = slope * value + offset
      // ln(1 + eᶻ) − t z without overflow.
      sum += max(z, 0) + log1p(exp(-abs(z))) - target * z
    }
    return sum
  }
}
