/// For pairs of runs on the same images, grouped by row: the mean over the pairs of a row of
/// (mAP of the run − mAP of the reference), one value per row and rule.
///
/// A resample gives all runs the same images. Each run is evaluated once for it, in however many pairs
/// it occurs.
package struct PairedDifferenceStatistic: ImageStatistic {
  /// Indices into ``runs``.
  package struct Pair: Sendable {
    package let run: Int
    package let reference: Int

    /// A run and what it is compared with.
    package init(run: Int, reference: Int) {
      self.run = run
      self.reference = reference
    }
  }

  package let runs: [AveragePrecisionStatistic]
  /// The pairs of each row, at least one.
  package let rows: [[Pair]]
  package let ruleCount: Int
  package let imageCount: Int

  package init(runs: [AveragePrecisionStatistic], rows: [[Pair]], ruleCount: Int, imageCount: Int) {
    precondition(
      runs.allSatisfy { $0.imageCount == imageCount && $0.rules.count == ruleCount },
      "the runs are of different images or rules")
    self.runs = runs
    self.rows = rows
    self.ruleCount = ruleCount
    self.imageCount = imageCount
  }

  /// Row after row, each with one value per rule.
  package var valueCount: Int { rows.count * ruleCount }

  /// Differences of numbers in 0...1.
  package func range(ofValue index: Int) -> ClosedRange<Double> { -1...1 }

  package func values(_ weights: ImageWeights) -> [Double?] {
    let means = runs.map { run in
      let values = run.values(weights)
      let stride = values.count / ruleCount
      return (0..<ruleCount).map { values[$0 * stride] }
    }
    return rows.flatMap { pairs in
      (0..<ruleCount).map { rule in
        var sum = 0.0
        for pair in pairs {
          guard let value = means[pair.run][rule], let reference = means[pair.reference][rule]
          else { return nil }
          sum += value - reference
        }
        return sum / Double(pairs.count)
      }
    }
  }
}
