package import Tasks

/// How a run ended, in numbers.
package struct TrainingOutcome: Sendable, Equatable {
  /// What the scores measure.
  package let measure: ScoreMeasure
  /// Iterations done since the very beginning.
  package var iterations = 0
  /// The last iteration's loss per image.
  package var loss: Double?
  /// Its parts by name.
  package var lossParts: [String: Double] = [:]
  /// The best score on the validation images, 0...1.
  package var bestScore: Double?
  /// The iteration of the best score.
  package var bestIteration: Int?
  /// The last score on the validation images, 0...1.
  package var lastScore: Double?
  /// Wall time of this call, evaluations included.
  package var seconds = 0.0
  /// Training images per second of training time.
  package var imagesPerSecond = 0.0
  /// Share of the training time spent waiting for images, 0...1.
  package var loaderWaitShare = 0.0
  /// Training images that could not be read: others took their places.
  package var replacedImages = 0
  /// Validation images that could not be read: they were left out.
  package var leftOutImages = 0
  /// Bytes of the training plan's activations and gradients.
  package var planBytes = 0
  /// True if it was asked to stop and saved before the last iteration.
  package var wasInterrupted = false
  /// True if patience ran out.
  package var stoppedEarly = false

  /// A run that has done nothing yet.
  package init(measure: ScoreMeasure) { self.measure = measure }
}

extension TrainingOutcome: Encodable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  /// Writes the outcome as JSON.
  ///
  /// Each part of the loss has a key of its name and `Loss`. Scores are `bestScore` and `lastScore` of
  /// `scoreName`, and again under their own name, `bestMeanAveragePrecision` or `bestAccuracy`.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(iterations, forKey: Key("iterations"))
    try container.encodeIfPresent(loss, forKey: Key("loss"))
    for (part, value) in lossParts { try container.encode(value, forKey: Key(part + "Loss")) }
    try container.encode(measure.columns[0], forKey: Key("scoreName"))
    for name in ["Score", measure.key] {
      try container.encodeIfPresent(bestScore, forKey: Key("best" + name))
      try container.encodeIfPresent(lastScore, forKey: Key("last" + name))
    }
    try container.encodeIfPresent(bestIteration, forKey: Key("bestIteration"))
    try container.encode(seconds, forKey: Key("seconds"))
    try container.encode(imagesPerSecond, forKey: Key("imagesPerSecond"))
    try container.encode(loaderWaitShare, forKey: Key("loaderWaitShare"))
    if replacedImages > 0 { try container.encode(replacedImages, forKey: Key("replacedImages")) }
    if leftOutImages > 0 { try container.encode(leftOutImages, forKey: Key("leftOutImages")) }
    try container.encode(planBytes, forKey: Key("planBytes"))
    try container.encode(wasInterrupted, forKey: Key("wasInterrupted"))
    try container.encode(stoppedEarly, forKey: Key("stoppedEarly"))
  }
}
