package import Tasks

/// What a run tells its observer.
package enum TrainingEvent: Sendable {
  /// An iteration is done.
  case iteration(IterationSummary)
  /// The validation images were evaluated.
  case evaluation(iteration: Int, scores: Scores, isBest: Bool)
  /// Images that could not be read and were replaced, named once.
  case problems([String])
  /// Validation images that could not be read and are left out, named once.
  case leftOut([String])
  /// Images that are used though their decoder warned, named once.
  case notes([String])
}

/// An iteration in numbers.
package struct IterationSummary: Sendable {
  /// Iterations done, this one included.
  package let iteration: Int
  /// Iterations of the whole run.
  package let iterations: Int
  /// Passes over the training images, with their fraction.
  package let epoch: Double
  /// The optimised loss per image, of this update alone.
  package let loss: Double
  /// The loss in parts, summed over the batch.
  package let parts: LossValue
  /// The loss per image, averaged over the last updates.
  package let recentLoss: Double
  /// Its parts by name, averaged likewise.
  package let recentParts: [(name: String, value: Double)]
  /// Images per second of training time so far.
  package let imagesPerSecond: Double
  /// Share of the training time so far that was spent waiting for images, 0...1.
  package let loaderWaitShare: Double
  /// The rate of this update.
  package let learningRate: Double
}
