public import Evaluation
public import Losses

/// What a run tells its observer.
public enum TrainingEvent: Sendable {
  /// An iteration is done.
  case iteration(IterationSummary)
  /// The validation images were evaluated.
  case evaluation(iteration: Int, report: EvaluationReport, isBest: Bool)
  /// Images that could not be read and were replaced, named once.
  case problems([String])
}

/// An iteration in numbers.
public struct IterationSummary: Sendable {
  /// Iterations done, this one included.
  public let iteration: Int
  /// Iterations of the whole run.
  public let iterations: Int
  /// Passes over the training images, with their fraction.
  public let epoch: Double
  /// The optimised loss per image.
  public let loss: Double
  /// The loss in parts, summed over the batch.
  public let parts: DetectionLossValue
  /// Images per second of training time so far.
  public let imagesPerSecond: Double
  /// Share of the training time so far that was spent waiting for images, 0...1.
  public let loaderWaitShare: Double
  /// The rate of this update.
  public let learningRate: Double
}

/// How a run ended, in numbers.
public struct TrainingOutcome: Sendable, Codable, Equatable {
  /// Iterations done since the very beginning.
  public var iterations = 0
  /// The last iteration's loss per image.
  public var loss: Double?
  /// Its part for boxes.
  public var boxLoss: Double?
  /// Its part for objectness.
  public var objectnessLoss: Double?
  /// Its part for classes.
  public var classLoss: Double?
  /// The best mAP (area under the curve) on the validation images, 0...1.
  public var bestMeanAveragePrecision: Double?
  /// The iteration of the best mAP.
  public var bestIteration: Int?
  /// The last mAP (area under the curve) on the validation images, 0...1.
  public var lastMeanAveragePrecision: Double?
  /// Wall time of this call, evaluations included.
  public var seconds = 0.0
  /// Training images per second of training time.
  public var imagesPerSecond = 0.0
  /// Share of the training time spent waiting for images, 0...1.
  public var loaderWaitShare = 0.0
  /// Bytes of the training plan's activations and gradients.
  public var planBytes = 0
  /// True if it was asked to stop and saved before the last iteration.
  public var wasInterrupted = false
  /// True if patience ran out.
  public var stoppedEarly = false
}
