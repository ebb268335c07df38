package import Evaluation
package import Losses

/// What a run tells its observer.
package enum TrainingEvent: Sendable {
  /// An iteration is done.
  case iteration(IterationSummary)
  /// The validation images were evaluated.
  case evaluation(iteration: Int, report: EvaluationReport, isBest: Bool)
  /// Images that could not be read and were replaced, named once.
  case problems([String])
}

/// An iteration in numbers.
package struct IterationSummary: Sendable {
  /// Iterations done, this one included.
  package let iteration: Int
  /// Iterations of the whole run.
  package let iterations: Int
  /// Passes over the training images, with their fraction.
  package let epoch: Double
  /// The optimised loss per image.
  package let loss: Double
  /// The loss in parts, summed over the batch.
  package let parts: DetectionLossValue
  /// Images per second of training time so far.
  package let imagesPerSecond: Double
  /// Share of the training time so far that was spent waiting for images, 0...1.
  package let loaderWaitShare: Double
  /// The rate of this update.
  package let learningRate: Double
}

/// How a run ended, in numbers.
package struct TrainingOutcome: Sendable, Codable, Equatable {
  /// Iterations done since the very beginning.
  package var iterations = 0
  /// The last iteration's loss per image.
  package var loss: Double?
  /// Its part for boxes.
  package var boxLoss: Double?
  /// Its part for objectness.
  package var objectnessLoss: Double?
  /// Its part for classes.
  package var classLoss: Double?
  /// The best mAP (area under the curve) on the validation images, 0...1.
  package var bestMeanAveragePrecision: Double?
  /// The iteration of the best mAP.
  package var bestIteration: Int?
  /// The last mAP (area under the curve) on the validation images, 0...1.
  package var lastMeanAveragePrecision: Double?
  /// Wall time of this call, evaluations included.
  package var seconds = 0.0
  /// Training images per second of training time.
  package var imagesPerSecond = 0.0
  /// Share of the training time spent waiting for images, 0...1.
  package var loaderWaitShare = 0.0
  /// Bytes of the training plan's activations and gradients.
  package var planBytes = 0
  /// True if it was asked to stop and saved before the last iteration.
  package var wasInterrupted = false
  /// True if patience ran out.
  package var stoppedEarly = false
}
