package import Evaluation
import Files
import Foundation
package import Tasks
import Training
package import Uncertainty

/// The score to go by where none is named: the one that told wrong detections when the run was calibrated.
package struct WorkingScore<Kind: Sendable>: Sendable {
  /// What is gone by.
  package let kind: Kind
  /// What it is and why, in one line.
  package let reason: String
}

extension ModelChoice {
  /// What `detector calibrate` found out about the scores of the run; nil if it was not asked.
  private var telling: (scores: TellingScores, file: String, imageCount: Int)? {
    guard let file = ownProbability,
      let model = try? ProbabilityModel(contentsOf: URL(filePath: file)),
      let scores = model.telling
    else { return nil }
    return (scores, file, model.imageIDs.count)
  }

  private var remedy: String {
    run.map { "detector calibrate --run \($0.path) finds out what does" }
      ?? "detector calibrate finds out of a run"
  }

  /// The score of detections or answers that images are chosen by.
  ///
  /// - Parameter task: What the model is for: of others than detectors nothing is known, and the entropy of an
  ///   answer or the height of a peak is taken.
  /// - Returns: The score, and why.
  package func selectionScore(for task: any LearningTask.Type) -> WorkingScore<ImageScore.Measure> {
    guard task == DetectionTask.self else {
      return task == ClassificationTask.self
        ? WorkingScore(
          kind: .entropy, reason: "scored by the entropy of the answer; --score names another")
        : WorkingScore(
          kind: .leastConfident,
          reason: "scored by one minus the height of the peak; --score names another")
    }
    let measures: [(UncertaintyScore, ImageScore.Measure, String)] = [
      (.confidence, .entropy, "the entropy of the confidence"),
      (.confidenceAndExpectedIoU, .expectedIoU, "the entropy of confidence x expected IoU"),
      (.probability, .probability, "the entropy of the probability of being right"),
      (.bald, .bald, "BALD"),
    ]
    let scores = measures.map(\.0)
    guard let telling, let best = telling.scores.best(of: scores),
      let choice = measures.first(where: { $0.0 == best })
    else {
      return WorkingScore(
        kind: .entropy,
        reason: "scored by the entropy of the confidence: it is not known which score tells "
          + "wrong detections; \(remedy)")
    }
    return WorkingScore(
      kind: choice.1,
      reason: "scored by \(choice.2): of \(telling.imageCount) images (\(telling.file)) wrong "
        + "detections were told with an AUROC of \(telling.scores.text(of: scores)) %")
  }

  /// The kind of map that shows where a detector is uncertain.
  package func mapKind() -> WorkingScore<UncertaintyKind> {
    let kinds: [(UncertaintyScore, UncertaintyKind)] = [
      (.entropy, .entropy), (.bald, .bald), (.objectnessVariance, .sigma),
    ]
    let scores = kinds.map(\.0)
    guard let telling, let best = telling.scores.best(of: scores),
      let kind = kinds.first(where: { $0.0 == best })?.1
    else {
      return WorkingScore(
        kind: .entropy,
        reason: "mapped is entropy: it is not known which of entropy, bald and sigma tells "
          + "wrong detections; \(remedy), and --kind names others")
    }
    return WorkingScore(
      kind: kind,
      reason: "mapped is \(kind.rawValue): of \(telling.imageCount) images (\(telling.file)) wrong "
        + "detections were told with an AUROC of \(telling.scores.text(of: scores)) %; --kind names others"
    )
  }
}
