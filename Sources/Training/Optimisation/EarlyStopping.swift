/// The best validation result of a run so far.
package struct BestEvaluation: Sendable, Equatable, Codable {
  /// Its mean average precision, 0...1; nil before the first evaluation.
  package private(set) var meanAveragePrecision: Double?
  /// The iteration after which it was measured.
  package private(set) var iteration: Int?
  /// Evaluations since then that were not better.
  package private(set) var evaluationsSince = 0

  /// Before the first evaluation.
  package init() {}

  /// Takes an evaluation into account.
  ///
  /// A result that is not a number (no class has objects) is never the best one. Of equal results
  /// the earlier one stays.
  ///
  /// - Returns: Whether this is the best one so far.
  package mutating func record(_ meanAveragePrecision: Double, iteration: Int) -> Bool {
    guard !meanAveragePrecision.isNaN, meanAveragePrecision > self.meanAveragePrecision ?? -1
    else {
      evaluationsSince += 1
      return false
    }
    self.meanAveragePrecision = meanAveragePrecision
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
