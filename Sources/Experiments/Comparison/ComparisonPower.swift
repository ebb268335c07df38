import Compute
import Evaluation
import Foundation
import Tasks

/// What a comparison can see before it is made.
package struct ComparisonPower {
  /// Standard deviation of the paired differences of seeds, points of per cent.
  package let seedDeviation: Double
  /// Seeds of the study.
  package let seeds: Int

  /// Numbers of seeds that are told of besides the study's own.
  private static let others = [3, 5, 10, 20]

  /// A study of so many seeds.
  package init(seedDeviation: Double, seeds: Int) {
    self.seedDeviation = seedDeviation
    self.seeds = seeds
  }

  /// The differences that can be seen, a line for each number of seeds, and what that leaves out.
  package var text: String {
    let lines = Set(Self.others + [seeds]).sorted().map { count in
      let own = count == seeds ? "  (this study)" : ""
      guard let value = SeedImageEstimate.visible(seedDeviation: seedDeviation, seeds: count) else {
        return String(format: "%4d seed   nothing: there is no scatter to judge by", count) + own
      }
      return String(format: "%4d seeds  %.2f points", count, value) + own
    }
    let head = String(
      format:
        "paired differences of seeds that scatter by %g points: the difference that is found in "
        + "80 %% of studies, at 5 %%,", seedDeviation)
    return ([head, "with other seeds on the same images; other images add to it"] + lines)
      .joined(separator: "\n") + "\n"
  }
}

extension ComparisonTable {
  /// What the study can see by the runs that are finished.
  ///
  /// - Parameter seeds: Seeds of the whole study.
  /// - Returns: A line for each row that has two pairs of seeds.
  func powerLines(seeds: Int) -> [String] {
    guard let metric = metrics.first else { return [] }
    return rows.compactMap { row in
      guard let difference = row.scores[metric]?.difference, difference.count > 1,
        let deviation = difference.deviation,
        let visible = SeedImageEstimate.visible(seedDeviation: 100 * deviation, seeds: seeds)
      else { return nil }
      return String(
        format: "\(row.name) - \(reference): \(difference.count) pairs of seeds scatter by %.2f "
          + "points of \(metric) \(measure.name); \(seeds) seeds find %.2f points in 80 %% of studies "
          + "on these images", 100 * deviation, visible)
    }
  }
}
