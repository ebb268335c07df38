import Tasks

extension Trainer {
  /// Makes updates with a learning rate that rises, and records the loss.
  ///
  /// The weights are spoilt afterwards. Nothing is saved, nor is the schedule used.
  ///
  /// - Parameters:
  ///   - range: The rates.
  ///   - isInterrupted: Asked after every update; true: return.
  ///   - observe: Told how many updates are made.
  /// - Returns: The curve, with at least one point.
  /// - Throws: ``TrainingError/notFinite(quantity:iteration:images:)`` in the first update; what loading
  ///   throws.
  package func testRates(
    _ range: RateRange, isInterrupted: () -> Bool = { false }, observe: (Int) -> Void = { _ in }
  ) throws -> RateCurve {
    let loader = try makeLoader()
    var curve = RateCurve(updates: range.updates)
    for index in 0..<range.updates {
      let rate = range.rate(of: index)
      do {
        let step = try update(loader, rate: rate)
        curve.add(rate: rate, loss: step.loss.total / Double(options.batch))
      } catch  where index > 0 && Self.isDivergence(error) {
        curve.end = .notFinite
        break
      }
      iteration += 1
      observe(iteration)
      if curve.hasDiverged {
        curve.end = .diverged
        break
      }
      if isInterrupted() {
        curve.end = .interrupted
        break
      }
    }
    return curve
  }

  /// Whether an update could not be made because numbers have become too large.
  private static func isDivergence(_ error: any Error) -> Bool {
    if case TrainingError.notFinite = error { return true }
    return Task.isDivergence(error)
  }
}
