package import Detection
package import Keypoints

/// One number that says how much a model has to learn from an image.
///
/// Of a detector every detection handed over has a value, and these are summed up. Which detections those are is
/// the caller's choice of confidence threshold and suppression.
package struct ImageScore: Hashable, Sendable {
  /// The value of a detection.
  package enum Measure: String, CaseIterable, Hashable, Sendable, Codable {
    /// The mutual information of objectness and weights in bits: what more data can teach.
    case bald
    /// h(c) = −c log₂ c − (1 − c) log₂(1 − c) of the confidence c, in bits.
    case entropy
    /// 1 − c of the confidence c.
    case leastConfident = "least-confident"
    /// h(p) of the probability p of being right that `detector calibrate` has fitted, in bits.
    case probability
    /// h(c · IoU) of the confidence c and the expected IoU, in bits.
    case expectedIoU = "expected-iou"
    /// 1 − what the most probable class is ahead of the next: of classifiers.
    case margin

    /// The value of a detection, 0...1; nil for one that lacks what it takes, and for ``margin``, which a
    /// detection has not.
    package func value(of detection: Detection) -> Double? {
      let confidence = Double(detection.confidence)
      switch self {
      case .bald: return detection.uncertainty.map { Double($0.bald) }
      case .entropy: return binaryEntropy(confidence)
      case .leastConfident: return 1 - confidence
      case .probability: return detection.probability.map { binaryEntropy(Double($0.right)) }
      case .expectedIoU:
        return detection.expectedIoU.map { binaryEntropy(confidence * Double($0)) }
      case .margin: return nil
      }
    }

    /// The value of what a classifier says about an image, ≥ 0.
    ///
    /// The entropy is that of all probabilities; it and the mutual information are in bits.
    ///
    /// - Returns: Nil for ``bald`` of an image without uncertainty, and for what only detections have.
    package func value(of image: ClassifiedImage) -> Double? {
      switch self {
      case .bald: return image.uncertainties.first
      case .entropy: return image.entropy
      case .leastConfident: return 1 - Double(image.probabilities[image.answer])
      case .margin: return image.narrowness
      case .probability, .expectedIoU: return nil
      }
    }

    /// The value of a keypoint, ≥ 0: the entropy is that of its map in bits, and the margin's place has the
    /// second peak of the map over the first.
    ///
    /// - Returns: Nil for a keypoint without what is asked for, such as ``bald`` without a Bayesian branch.
    package func value(of keypoint: FoundKeypoint) -> Double? {
      switch self {
      case .bald: keypoint.doubt?.baldAtPeak.map { Double($0) }
      case .entropy: keypoint.doubt.map { Double($0.entropy) }
      case .leastConfident: 1 - Double(keypoint.score)
      case .margin: keypoint.doubt.map { Double($0.secondPeak) }
      case .probability, .expectedIoU: nil
      }
    }
  }

  /// What becomes of the values of an image.
  package enum Aggregate: String, CaseIterable, Hashable, Sendable, Codable {
    /// The largest.
    case max
    /// The sum, which prefers images with many objects.
    case sum
    /// The mean of the k largest, or of all if there are fewer.
    case topK = "top-k"
  }

  /// The value of a detection.
  package var measure: Measure
  /// What becomes of the values.
  package var aggregate: Aggregate
  /// k of ``Aggregate/topK``, at least 1.
  package var count: Int

  /// A score; the mean of the five most uncertain detections unless told otherwise.
  package init(_ measure: Measure, aggregate: Aggregate = .topK, count: Int = 5) {
    precondition(count > 0, "the mean of \(count) values")
    self.measure = measure
    self.aggregate = aggregate
    self.count = count
  }

  /// The score of an image.
  ///
  /// - Parameter detections: What was found, in any order.
  /// - Returns: A number ≥ 0, 0 without detections; nil if ``Measure/bald`` or ``Measure/margin`` is
  ///   asked of a detection that lacks it.
  package func value(of detections: [Detection]) -> Double? {
    aggregated(detections.map { measure.value(of: $0) })
  }

  /// The score of an image by its keypoints.
  ///
  /// - Returns: A number ≥ 0, 0 without keypoints; nil if one of them lacks what is asked for.
  package func value(of keypoints: [FoundKeypoint]) -> Double? {
    aggregated(keypoints.map { measure.value(of: $0) })
  }

  private func aggregated(_ all: [Double?]) -> Double? {
    let values = all.compactMap { $0 }.sorted(by: >)
    guard values.count == all.count else { return nil }
    guard let largest = values.first else { return 0 }
    switch aggregate {
    case .max: return largest
    case .sum: return values.reduce(0, +)
    case .topK:
      let kept = values.prefix(count)
      return kept.reduce(0, +) / Double(kept.count)
    }
  }
}
