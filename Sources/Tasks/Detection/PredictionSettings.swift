package import Detection
package import Geometry

/// What detections are ranked by: in suppression, against thresholds, in the files and in evaluation.
package enum RankingScore: String, Sendable, Hashable, Codable, CaseIterable {
  /// Objectness times class probability.
  case confidence
  /// That times the expected IoU, which then is the confidence of the detection.
  case expectedIoU = "expected-iou"

  /// Detections with the confidence that they are ranked by, in their order; those of which no IoU is
  /// expected stay what they are.
  func ranked(_ detections: [Detection]) -> [Detection] {
    guard self == .expectedIoU else { return detections }
    return detections.map { detection in
      var detection = detection
      detection.confidence *= detection.expectedIoU ?? 1
      return detection
    }
  }
}

/// Which of the boxes that a network proposes are detections.
package struct DetectionSettings: Sendable, Hashable, Codable {
  /// Detections need a larger confidence, 0...1.
  package var confidenceThreshold: Float
  /// Per class, of two boxes with a larger IoU the less confident is dropped, 0...1.
  package var suppressionThreshold: Float
  /// Which classes of an anchor are reported.
  package var classes = BoxDecoder.ClassRule.all
  /// Whether boxes are cut off at the edges of the image, as in VOC's files.
  package var clipsBoxes = true
  /// Whether detections of a network with a Bayesian branch carry what it says about them.
  package var keepsUncertainty = false
  /// Whether detections of a network with branches for the place of boxes carry what they say.
  package var keepsPlace = false
  /// Whether detections carry what suppression merged into them.
  package var keepsMerged = false
  /// Whether boxes that suppression merges have a say in the box that is kept, each by its variance.
  package var votesBoxes = false
  /// What detections are ranked by; the expected IoU needs ``keepsPlace``.
  package var ranking = RankingScore.confidence

  /// Settings for thresholds; those of evaluation unless given.
  package init(confidenceThreshold: Float = 0.005, suppressionThreshold: Float = 0.45) {
    self.confidenceThreshold = confidenceThreshold
    self.suppressionThreshold = suppressionThreshold
  }
}

/// How images become the detections that a user sees.
package struct PredictionSettings: Sendable, Hashable, Codable {
  /// Which boxes are detections.
  package var detection: DetectionSettings
  /// How images are brought to the network.
  package var input: InputSettings
  /// The views of every image whose detections are joined; nil: the image as it is.
  package var views: ImageViews?

  /// Settings for an input size.
  package init(
    inputWidth: Int, inputHeight: Int, resizeMode: ResizeMode, confidenceThreshold: Float,
    suppressionThreshold: Float = 0.45
  ) {
    input = InputSettings(width: inputWidth, height: inputHeight, resizeMode: resizeMode)
    detection = DetectionSettings(
      confidenceThreshold: confidenceThreshold, suppressionThreshold: suppressionThreshold)
  }
}
