package import Detection

/// Samples that a command asked for, with the names of their classes.
package struct SampleSet<Target: Placeable>: Sendable {
  /// The samples in the order of the split.
  package let samples: [Sample<Target>]
  /// L class names; targets count them.
  package let classNames: [String]
  /// What was left out of ``samples`` and why.
  package let problems: [DataProblem]
  /// What COCO's annotations say beyond the targets, one entry a sample, empty for other formats.
  package let details: [[GroundTruthDetail]]

  init(
    samples: [Sample<Target>], classNames: [String], problems: [DataProblem],
    details: [[GroundTruthDetail]] = []
  ) {
    self.samples = samples
    self.classNames = classNames
    self.problems = problems
    self.details = details
  }

  /// Refuses what nothing can be learnt from; `empty` says why there is no sample if no problem does.
  func checked(
    place: String, empty: @autoclosure () -> String, target: String
  ) throws -> SampleSet {
    if samples.isEmpty {
      throw DataError.empty(
        folder: place,
        reason: DataProblem.summary(of: problems).first ?? empty())
    }
    if classNames.isEmpty {
      let first = DataProblem.summary(of: problems).first.map { ": " + $0 } ?? ""
      throw DataError.empty(folder: place, reason: "no \(target)" + first)
    }
    return self
  }
}
