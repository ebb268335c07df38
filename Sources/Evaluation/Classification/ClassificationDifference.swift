package import Compute

/// How two classifiers differ on the same images, with paired intervals.
package struct ClassificationDifference: Sendable {
  /// One number of both, second minus first.
  package struct Entry: Sendable {
    /// As people call it.
    package let title: String
    /// Whether more of it is better.
    package let higherIsBetter: Bool
    /// Second minus first.
    package let difference: EstimatedDifference
  }

  /// Accuracy, calibration and how well doubt gives mistakes away.
  package let entries: [Entry]

  /// Compares.
  ///
  /// - Parameters:
  ///   - first: Every image as the first classifier sees it.
  ///   - second: The same images in the same order as the second does.
  ///   - classNames: Names of the class indices of both.
  ///   - bootstrap: How intervals are made.
  ///   - pool: Threads to draw on; nil for the caller's alone.
  package init(
    from first: [ClassifiedImage], to second: [ClassifiedImage], classNames: [String],
    bootstrap: Bootstrap, pool: ThreadPool? = nil
  ) {
    precondition(
      zip(first, second).allSatisfy { $0.label == $1.label } && first.count == second.count,
      "other images")
    let statistics = [first, second].map { images in
      CombinedStatistic(
        [
          ClassificationScores(images, classNames: classNames),
          ClassAccuracy(images, classCount: classNames.count),
        ], imageCount: images.count)
    }
    let values = bootstrap.differences(from: statistics[0], to: statistics[1], pool: pool)
    func number(_ number: ClassificationScores.Number) -> EstimatedDifference {
      // The numbers' order is that of the values.
      values[ClassificationScores.Number.allCases.firstIndex(of: number) ?? 0]
    }
    entries =
      [Entry(title: "top-1", higherIsBetter: true, difference: number(.top1))]
      + (classNames.count > 5
        ? [Entry(title: "top-5", higherIsBetter: true, difference: number(.top5))] : [])
      + [
        Entry(title: "balanced", higherIsBetter: true, difference: values[values.count - 2]),
        Entry(title: "mean F1", higherIsBetter: true, difference: values[values.count - 1]),
        Entry(title: "ECE", higherIsBetter: false, difference: number(.ece15)),
        Entry(title: "NLL × 100", higherIsBetter: false, difference: number(.nll)),
        Entry(title: "Brier × 100", higherIsBetter: false, difference: number(.brier)),
        Entry(
          title: "AUROC of 1 − confidence", higherIsBetter: true,
          difference: number(.aurocConfidence)),
      ]
  }
}
