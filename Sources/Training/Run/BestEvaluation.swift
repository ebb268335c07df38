/// The best validation result of a run so far.
package struct BestEvaluation: Sendable, Equatable, Codable {
  /// Its score, the first of the task's, 0...1; nil before the first evaluation.
  package private(set) var score: Double?
  /// The iteration after which it was measured.
  package private(set) var iteration: Int?
  /// Evaluations since then that were not better.
  package private(set) var evaluationsSince = 0

  /// Before the first evaluation.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case score
    case iteration
    case evaluationsSince
    /// What checkpoints called the score while all were of one task.
    case meanAveragePrecision
  }

  /// Reads a result from a checkpoint.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    score =
      try container.decodeIfPresent(Double.self, forKey: .score)
      ?? container.decodeIfPresent(Double.self, forKey: .meanAveragePrecision)
    iteration = try container.decodeIfPresent(Int.self, forKey: .iteration)
    evaluationsSince = try container.decode(Int.self, forKey: .evaluationsSince)
  }

  /// Writes it to a checkpoint.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(score, forKey: .score)
    try container.encodeIfPresent(iteration, forKey: .iteration)
    try container.encode(evaluationsSince, forKey: .evaluationsSince)
  }

  /// Takes an evaluation into account.
  ///
  /// A result without a number (there was nothing to judge) is never the best one. Of equal results
  /// the earlier one stays.
  ///
  /// - Returns: Whether this is the best one so far.
  package mutating func record(_ score: Double?, iteration: Int) -> Bool {
    guard let score, !score.isNaN, score > self.score ?? -1 else {
      evaluationsSince += 1
      return false
    }
    self.score = score
    self.iteration = iteration
    evaluationsSince = 0
    return true
  }
}

/// Ends a run that has stopped getting better.
package struct EarlyStopping: Sendable, Equatable {
  /// So many evaluations in a row without a better one end the run; nil: never.
  package let patience: Int?

  /// Stops after `patience` (at least 1) evaluations without a better one; never if nil.
  package init(patience: Int?) {
    precondition(patience ?? 1 >= 1, "patience below 1")
    self.patience = patience
  }

  /// Whether the run should end now.
  package func shouldStop(after best: BestEvaluation) -> Bool {
    patience.map { best.evaluationsSince >= $0 } ?? false
  }
}
