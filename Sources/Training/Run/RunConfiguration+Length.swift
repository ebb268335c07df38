import Foundation

extension RunConfiguration {
  /// The same run with another number of passes over its images.
  ///
  /// The learning rate is from now on what it would be in a run of that length.
  ///
  /// - Parameters:
  ///   - epochs: Of the whole run.
  ///   - saved: Where it is.
  /// - Returns: What its folder should say from now on.
  /// - Throws: ``TrainingError/options(reason:)`` if more is done already;
  ///   ``TrainingError/schedule(reason:)``.
  package func lasting(epochs: Int, from saved: CheckpointMetadata) throws -> RunConfiguration {
    let images = saved.trainingImageCount
    var changed = self
    changed.options.iterations = options.iterations(epochs: epochs, imageCount: images)
    guard changed.options.iterations >= saved.iteration else {
      let least = (saved.iteration - 1) * options.batch / max(1, images) + 1
      throw TrainingError.options(
        reason: "--epochs \(epochs) is less than the run has done, which is \(saved.iteration) "
          + "iterations; give at least \(least)")
    }
    changed.schedule = try schedule.stretched(
      from: options.iterations, to: changed.options.iterations)
    return changed
  }

  /// One line: the new length, and what becomes of the rate.
  package func changeOfLength(from old: RunConfiguration, at iteration: Int) -> String {
    let next = iteration + 1
    let goesOn = options.iterations > iteration
    func rate(_ configuration: RunConfiguration) -> String {
      String(format: "%.3g", configuration.schedule.rate(at: next))
    }
    return
      "\(options.iterations) iterations instead of \(old.options.iterations), \(iteration) done"
      + (schedule == old.schedule
        ? "; the rate goes on as before" : "; the rate is that of a run of this length")
      + (goesOn ? ": \(rate(self)) in iteration \(next)" : "")
  }
}
