package import Compute

/// How hard each decision is: weights for its loss from uncertainty and correctness.
///
/// D = U / 2 where the decision is correct, (1 − U) / 2 + 1 / 2 where it is not, with U a map of the
/// decision's uncertainty in bits. D is a constant to the loss: no gradient goes through it.
package struct Difficulty: Hashable, Sendable {
  /// What makes U of bits.
  package enum UncertaintyMap: String, CaseIterable, Hashable, Sendable, Codable {
    /// U = 1 / (1 + e⁻ᵇ): the paper's, in [0.4993, 0.7311].
    case sigmoid
    /// U = b, kept in [0, 1].
    case raw
    /// The rank of b among the image's units that count, in [0, 1]; ties share theirs.
    case rank
    /// U = 1 / (1 + e^(−slope · (b − center))): as the paper's, but over more of 0...1.
    case sigmoidScaled
  }

  /// What makes weights of D.
  package enum Weighting: String, CaseIterable, Hashable, Sendable, Codable {
    /// w = D: the paper's.
    case raw
    /// w = D / mean of D over the weighted units of the batch.
    case meanOne
    /// w = 2 D.
    case double
    /// w = 1 + D.
    case onePlus
    /// w = D · Σ ℓ / Σ D ℓ over the weighted units of the batch, ℓ ≥ 0 the loss of each.
    ///
    /// The sum of their losses stays what it is: D only says who has which share of it.
    case sameLoss
  }

  /// Experiments that take the information out of U.
  package enum Control: Hashable, Sendable {
    /// The real U.
    case none
    /// The same U everywhere: what remains is correctness.
    case constant(Float)
    /// U permuted among the equally correct units of an image.
    case shuffled
  }

  /// How bits are computed from the moments of a logit.
  package var bald = BALD()
  /// What makes U of them.
  package var map = UncertaintyMap.sigmoid
  /// a > 0 of ``UncertaintyMap/sigmoidScaled``, 1 / bit; 0 bit then gives 0.08 and half a bit 0.92.
  package var slope: Float = 10
  /// c of ``UncertaintyMap/sigmoidScaled``, bits: where U is ½.
  package var center: Float = 0.25
  /// What makes weights of D.
  package var weighting = Weighting.raw
  /// Experiments.
  package var control = Control.none

  /// The paper's difficulty; change the properties for another.
  package init() {}

  /// D of one decision: in [0, 1] for U in [0, 1].
  package static func difficulty(uncertainty: Float, isCorrect: Bool) -> Float {
    isCorrect ? 0.5 * uncertainty : 0.5 * (1 - uncertainty) + 0.5
  }

  /// The uncertainty of units that decide between yes and no, by ``bald``.
  ///
  /// - Parameters:
  ///   - means: μ of each unit's logit.
  ///   - variances: σ², likewise.
  ///   - counts: Whether bits are asked for; 0 for the others.
  /// - Returns: Bits, one value for each unit.
  /// - Throws: ``UncertaintyError`` for values that are not finite and negative variances, also of
  ///   units that do not count.
  package func bits(means: [Float], variances: [Float], counts: [Bool]) throws -> [Float] {
    precondition(means.count == counts.count && variances.count == counts.count, "counts differ")
    return try means.indices.map { i in
      let moments = LogitMoments(mean: means[i], variance: variances[i])
      try moments.validate(index: i)
      return counts[i] ? try bald.uncertainty(moments) : 0
    }
  }

  /// The weight of each unit's loss.
  ///
  /// - Parameters:
  ///   - bits: The uncertainty of each unit.
  ///   - units: Which of them are right, count, and are weighted.
  ///   - losses: ℓ of each unit, ≥ 0, which ``Weighting/sameLoss`` needs.
  ///   - random: Permutes for ``Control/shuffled``.
  /// - Returns: Weights ≥ 0; 0 for units that do not count.
  /// - Throws: ``UncertaintyError`` for a constant uncertainty outside 0...1.
  package func weights(
    bits: [Float], units: JudgedUnits, losses: [Float] = [],
    random: RandomStream = RandomStream(seed: 0)
  ) throws -> [Float] {
    precondition(bits.count == units.isCorrect.count, "\(bits.count) uncertainties")
    var weights = try uncertainties(bits, units)
    if control == .shuffled { shuffle(&weights, units, random) }
    for i in weights.indices {
      weights[i] = Difficulty.difficulty(uncertainty: weights[i], isCorrect: units.isCorrect[i])
    }
    apply(weighting, to: &weights, units, losses)
    return weights
  }

  /// U before shuffling.
  private func uncertainties(_ bits: [Float], _ units: JudgedUnits) throws -> [Float] {
    if case .constant(let value) = control {
      guard value >= 0, value <= 1 else {
        throw UncertaintyError.invalidOption("the constant uncertainty \(value) is not in 0...1")
      }
      return [Float](repeating: value, count: bits.count)
    }
    switch map {
    case .sigmoid: return bits.map { 1 / (1 + Float.exponential(-$0)) }
    case .sigmoidScaled:
      return bits.map { 1 / (1 + Float.exponential(-slope * ($0 - center))) }
    case .raw: return bits.map { min(1, max(0, $0)) }
    case .rank:
      var values = bits
      for image in 0..<units.imageCount { rank(&values, among: units.counted(ofImage: image)) }
      return values
    }
  }

  private func shuffle(_ values: inout [Float], _ units: JudgedUnits, _ random: RandomStream) {
    for image in 0..<units.imageCount {
      let counted = units.counted(ofImage: image)
      for (key, side) in [true, false].enumerated() {
        let group = counted.filter { units.isCorrect[$0] == side }
        var stream = random.split(UInt64(image), UInt64(key))
        let permuted = stream.permutation(group.count).map { values[group[$0]] }
        for (unit, value) in zip(group, permuted) { values[unit] = value }
      }
    }
  }

  /// Replaces values by their ranks / (count − 1); equal ones share their mean rank.
  private func rank(_ values: inout [Float], among units: [Int]) {
    guard units.count > 1 else {
      for unit in units { values[unit] = 0.5 }
      return
    }
    let sorted = units.sorted { values[$0] < values[$1] }
    var first = 0
    while first < sorted.count {
      let value = values[sorted[first]]
      let last = sorted[first...].firstIndex { values[$0] != value } ?? sorted.count
      let rank = Float(first + last - 1) / 2 / Float(sorted.count - 1)
      for unit in sorted[first..<last] { values[unit] = rank }
      first = last
    }
  }

  private func apply(
    _ weighting: Weighting, to weights: inout [Float], _ units: JudgedUnits, _ losses: [Float]
  ) {
    var factor: Float = 1
    if weighting == .meanOne || weighting == .sameLoss {
      precondition(weighting == .meanOne || losses.count == weights.count, "a loss for each unit")
      // Σ ℓ / Σ D ℓ; of meanOne ℓ = 1.
      var (sum, weighted) = (0.0, 0.0)
      for i in weights.indices where units.isWeighted[i] {
        let loss = weighting == .sameLoss ? Double(losses[i]) : 1
        sum += loss
        weighted += loss * Double(weights[i])
      }
      factor = weighted > 0 ? Float(sum / weighted) : 1
    }
    for i in weights.indices {
      guard units.isWeighted[i] else {
        weights[i] = units.counts[i] ? 1 : 0
        continue
      }
      switch weighting {
      case .raw: break
      case .meanOne, .sameLoss: weights[i] *= factor
      case .double: weights[i] *= 2
      case .onePlus: weights[i] += 1
      }
    }
  }
}
