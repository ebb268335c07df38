import Foundation

/// How uncertain the choice of a class is because the weights are, from moments of the classes' logits.
///
/// For logits with means μ and variances v of K classes, in bits:
///
///     mutualInformation    ``MutualInformation``, by shared draws
///     meanField            ½ Σ v′ (p − p²) / ln 2,   v′ = v / (1 + κ v),   p = softmax(μ / √(1 + κ v)),
///                          κ = π / 8: its second order, in variances that saturate; where these
///                          differ, it depends a little on where the zero of logits lies
///     marginPair           BALD of z_a − z_b of the two largest means: could b beat a?
///     predictedOneVsRest   BALD of the predicted class's logit alone, which depends on where the zero of
///                          logits lies, a thing that softmax does not care about; for experiments
package struct ClassUncertainty: Sendable {
  /// What is computed.
  package enum Measure: String, CaseIterable, Hashable, Sendable, Codable {
    /// The mutual information of class and weights.
    case mutualInformation
    /// The same in closed form.
    case meanField
    /// Of the two most probable classes.
    case marginPair
    /// Of one logit.
    case predictedOneVsRest

    /// Whether ``BALD`` computes it, a yes or no.
    package var isBinary: Bool { self == .marginPair || self == .predictedOneVsRest }
  }

  /// What is computed.
  package let measure: Measure
  /// K.
  package let classCount: Int
  private let bald: BALD
  private let information: MutualInformation

  /// The uncertainty of a choice among classes.
  ///
  /// - Parameters:
  ///   - measure: What is computed.
  ///   - classCount: K ≥ 2.
  ///   - bald: Computes bits of binary measures.
  package init(_ measure: Measure, classCount: Int, bald: BALD = BALD()) {
    self.measure = measure
    self.classCount = classCount
    self.bald = bald
    information = MutualInformation(classCount: classCount)
  }

  /// The most that it can be, in bits: log₂ K, or 1 of binary measures.
  package var maximum: Float { measure.isBinary ? 1 : log2(Float(classCount)) }

  /// The uncertainty of one image.
  ///
  /// - Parameters:
  ///   - means: μ, K values.
  ///   - variances: v ≥ 0, K values.
  ///   - predicted: The class that the network chooses.
  /// - Returns: Bits, 0...``maximum``; a little below 0 where BALD is not clamped.
  /// - Throws: ``UncertaintyError`` for values that are not finite and negative variances.
  package func bits(
    means: ArraySlice<Float>, variances: ArraySlice<Float>, predicted: Int
  ) throws -> Float {
    precondition(means.count == classCount && variances.count == classCount, "counts differ")
    let moments = zip(means, variances).map { LogitMoments(mean: $0, variance: $1) }
    for (k, moment) in moments.enumerated() { try moment.validate(index: k) }
    switch measure {
    case .mutualInformation: return try information.bits(means: means, variances: variances)
    case .meanField: return Self.meanField(moments)
    case .marginPair:
      let order = moments.indices.sorted {
        moments[$0].mean != moments[$1].mean ? moments[$0].mean > moments[$1].mean : $0 < $1
      }
      let (a, b) = (moments[order[0]], moments[order[1]])
      return try bald.uncertainty(
        LogitMoments(mean: a.mean - b.mean, variance: a.variance + b.variance))
    case .predictedOneVsRest: return try bald.uncertainty(moments[predicted])
    }
  }

  private static func meanField(_ moments: [LogitMoments<Float>]) -> Float {
    let saturation = moments.map { 1 + Double.pi / 8 * Double($0.variance) }
    let logits = zip(moments, saturation).map { Double($0.mean) / $1.squareRoot() }
    let largest = logits.max() ?? 0
    let powers = logits.map { exp($0 - largest) }
    let total = powers.reduce(0, +)
    var sum = 0.0
    for (k, power) in powers.enumerated() {
      let p = power / total
      sum += Double(moments[k].variance) / saturation[k] * p * (1 - p)
    }
    return Float(sum / (2 * log(2)))
  }
}
