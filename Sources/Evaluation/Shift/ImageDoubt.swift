package import Detection

/// A number of an image that claims to be larger where the model has not learned such images.
package enum ImageDoubt: String, CaseIterable, Hashable, Sendable, Codable {
  /// 1 − the largest confidence, of a classifier that of its answer; 1 without detections.
  case leastConfident
  /// 1 − the mean confidence of the detections; 1 without.
  case meanDoubt
  /// How few detections there are: 1 / (1 + their number).
  case fewDetections
  /// The mean entropy of the detections' confidences in bits; of a classifier that of its probabilities.
  case entropy
  /// The mean BALD of the detections, of a classifier that of its answer, in bits.
  case bald
  /// The largest BALD of a detection in bits.
  case largestBALD
  /// The mean BALD of all anchors in bits, whatever is found.
  case anchorBALD
  /// The mean variance of all anchors' objectness logits.
  case anchorVariance
  /// 1 − what a classifier's most probable class is ahead of the next.
  case margin

  /// In a table.
  package var title: String {
    switch self {
    case .leastConfident: "1 - confidence"
    case .meanDoubt: "1 - mean confidence"
    case .fewDetections: "few detections"
    case .entropy: "entropy"
    case .bald: "BALD"
    case .largestBALD: "largest BALD"
    case .anchorBALD: "BALD of anchors"
    case .anchorVariance: "variance of anchors"
    case .margin: "1 - margin"
    }
  }

  /// The numbers of an image in which these objects were found.
  ///
  /// Without detections there is no entropy and no BALD of them: both count as 0.
  ///
  /// - Parameters:
  ///   - detections: Those that count, by the caller's floor of confidence.
  ///   - anchors: What a branch says about all anchors; nil without one.
  /// - Returns: All but those that need a branch where there is none.
  package static func values(
    of detections: [Detection], anchors: AnchorDoubt?
  ) -> [ImageDoubt: Double] {
    let confidences = detections.map { Double($0.confidence) }
    func mean(_ values: [Double], without: Double) -> Double {
      values.isEmpty ? without : values.reduce(0, +) / Double(values.count)
    }
    var values: [ImageDoubt: Double] = [
      .leastConfident: 1 - (confidences.max() ?? 0),
      .meanDoubt: 1 - mean(confidences, without: 0),
      .fewDetections: 1 / Double(1 + confidences.count),
      .entropy: mean(confidences.map(binaryEntropy), without: 0),
    ]
    guard let anchors else { return values }
    let bald = detections.compactMap { $0.uncertainty.map { Double($0.bald) } }
    values[.bald] = mean(bald, without: 0)
    values[.largestBALD] = bald.max() ?? 0
    values[.anchorBALD] = anchors.bald
    values[.anchorVariance] = anchors.variance
    return values
  }

  /// The numbers of an image that a classifier has answered.
  package static func values(of image: ClassifiedImage) -> [ImageDoubt: Double] {
    var values: [ImageDoubt: Double] = [
      .leastConfident: 1 - Double(image.probabilities[image.answer]), .entropy: image.entropy,
      .margin: image.narrowness,
    ]
    values[.bald] = image.uncertainties.first
    return values
  }
}

/// What a branch says about all anchors of an image, whether something is found there or not.
package struct AnchorDoubt: Hashable, Sendable {
  /// The mean BALD of their objectness in bits.
  package let bald: Double
  /// The mean variance of its logits.
  package let variance: Double

  /// Means over the anchors of all heads.
  package init(bald: Double, variance: Double) {
    self.bald = bald
    self.variance = variance
  }
}
