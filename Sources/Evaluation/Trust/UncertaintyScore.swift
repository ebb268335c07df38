package import Detection

/// A number per detection that claims to know which detections are wrong.
///
/// Combinations use nothing but the numbers themselves: no verdicts, no weights that were fitted.
package enum UncertaintyScore: String, Sendable, CaseIterable {
  /// One minus the confidence: what every other score has to beat.
  case confidence
  /// The mutual information of objectness and weights.
  case bald
  /// The entropy of the mean objectness.
  case entropy
  /// One minus the mean objectness.
  case objectnessMean
  /// The variance of the objectness.
  case objectnessVariance
  /// 1 − c (1 − U) of the confidence c and BALD U in bits: uncertain if either says so.
  case confidenceAndBALD
  /// The mean of the detection's ranks by confidence and by BALD, as a share.
  case ranksOfConfidenceAndBALD
  /// The mean of its ranks by confidence, BALD and variance, as a share.
  case ranksOfConfidenceBALDAndVariance

  /// What a mean of ranks is the mean of; nil for scores that a detection has by itself.
  package var ranked: [UncertaintyScore]? {
    switch self {
    case .ranksOfConfidenceAndBALD: [.confidence, .bald]
    case .ranksOfConfidenceBALDAndVariance: [.confidence, .bald, .objectnessVariance]
    default: nil
    }
  }

  /// The score of a detection, larger for less certain ones; nil if the detection lacks it, or if it
  /// is one among others.
  package func value(of detection: Detection) -> Double? {
    switch self {
    case .confidence: 1 - Double(detection.confidence)
    case .bald: detection.uncertainty.map { Double($0.bald) }
    case .entropy: detection.uncertainty.map { Double($0.entropy) }
    case .objectnessMean: detection.uncertainty.map { 1 - Double($0.objectnessMean) }
    case .objectnessVariance: detection.uncertainty.map { Double($0.objectnessVariance) }
    case .confidenceAndBALD:
      detection.uncertainty.map { 1 - Double(detection.confidence) * (1 - Double($0.bald)) }
    case .ranksOfConfidenceAndBALD, .ranksOfConfidenceBALDAndVariance: nil
    }
  }

  /// The scores of detections among each other, larger for less certain ones.
  ///
  /// Equal values share the mean of their ranks. A resample keeps the ranks of the data.
  ///
  /// - Returns: One score each; nil if a detection lacks it.
  package func values(of detections: [Detection]) -> [Double]? {
    guard let ranked else {
      let values = detections.compactMap { value(of: $0) }
      return values.count == detections.count ? values : nil
    }
    var sums = [Double](repeating: 0, count: detections.count)
    for score in ranked {
      guard let values = score.values(of: detections) else { return nil }
      for (index, rank) in Self.ranks(values).enumerated() { sums[index] += rank }
    }
    let scale = 1 / Double(ranked.count * max(detections.count, 1))
    return sums.map { $0 * scale }
  }

  /// Ranks from 1 on, ascending; equal values share their mean.
  private static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
      start = end
    }
    return ranks
  }
}

extension MatchedDetections {
  /// A score of every detection, in the order of ``pooled``; nil if one lacks it.
  func scores(_ score: UncertaintyScore, images: [EvaluatedImage]) -> [Double]? {
    score.values(
      of: pooled.map { images[$0.imageIndex].detections[$0.detectionIndex] })
  }
}
