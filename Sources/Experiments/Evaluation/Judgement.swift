package import Compute
package import Evaluation
import Geometry
package import Tasks

/// How detections are judged.
package struct Judgement: Equatable, Sendable {
  /// IoU that a detection needs to be right, 0...1.
  package var overlap = 0.5
  /// All but mAP leave out detections with less confidence, 0...1.
  package var scoreFloor = 0.05
  /// Resamples of the images behind each interval; 0: no intervals.
  package var draws = 1000
  /// Chooses the resamples.
  package var seed: UInt64 = 1

  package init() {}

  package var matcher: DetectionMatcher { DetectionMatcher(threshold: overlap) }

  /// Nil where no intervals are wanted.
  package var bootstrap: Bootstrap? { draws > 0 ? Bootstrap(draws: draws, seed: seed) : nil }

  package func trustOptions(
    maximumRisk: Double = 0.1, pool: ThreadPool?
  ) -> TrustReport.Options {
    TrustReport.Options(
      scoreFloor: scoreFloor, maximumRisk: maximumRisk, bootstrap: bootstrap, pool: pool)
  }
}

/// How objects are found in the images of a data set that judges them: all above a low confidence.
package struct PredictionRules: Equatable, Sendable {
  /// Detections need a larger confidence, 0...1.
  package var confidence: Float = 0.005
  /// Per class, of two detections with a larger IoU the less confident is dropped, 0...1.
  package var suppression: Float = 0.45
  /// Images that are run at once; nil: 4 large ones or 32 small ones.
  package var batchSize: Int?
  /// Images that a detector runs at once.
  package var largeBatch: Int { batchSize ?? 4 }
  /// Images that classifiers and networks of keypoints run at once.
  package var smallBatch: Int { batchSize ?? 32 }
  /// What detections are ranked by.
  package var ranking = RankingScore.confidence
  /// Whether boxes that suppression merges have a say in the box that is kept.
  package var votesBoxes = false
  /// Whether detections carry what suppression merged into them.
  package var keepsMerged = false
  /// The views of every image whose detections are joined; nil: the image as it is.
  package var views: ImageViews?

  package init() {}

  /// What a result says about how a model was used.
  func settings(_ used: ObjectFinder) -> [EvaluationReport.Setting] {
    var told = used.usage(suppression)
    told.insert(.init("confidence", "\(confidence)"), at: 2)
    return told
  }
}
