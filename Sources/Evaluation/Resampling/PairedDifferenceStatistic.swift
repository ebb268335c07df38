internal import Evaluation

/// For pairs of runs on the same images, grouped by row: the mean over the pairs of a row of
/// (mAP of the run − mAP of the reference), one value per row and rule.
///
/// A resample gives all runs the same images. Each run is evaluated once for it, in however many pairs
/// it occurs.
struct PairedDifferenceStatistic: ImageStatistic {
  /// Indices into ``runs``.
  struct Pair: Sendable {
    let run: Int
    let reference: Int
  }

  let runs: [AveragePrecisionStatistic]
  /// The pairs of each row, at least one.
  let rows: [[Pair]]
  let ruleCount: Int
  let imageCount: Int

  init(runs: [AveragePrecisionStatistic], rows: [[Pair]], ruleCount: Int, imageCount: Int) {
    precondition(
      runs.allSatisfy { $0.imageCount == imageCount && $0.rules.count == ruleCount },
      "the runs are of different images or rules")
    self.runs = runs
    self.rows = rows
    self.ruleCount = ruleCount
    self.imageCount = imageCount
  }

  /// Row after row, each with one value per rule.
  var valueCount: Int { rows.count * ruleCount }

  /// Differences of numbers in 0...1.
  func range(ofValue index: Int) -> ClosedRange<Double> { -1...1 }

  func values(_ weights: ImageWeights) -> [Double?] {
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
