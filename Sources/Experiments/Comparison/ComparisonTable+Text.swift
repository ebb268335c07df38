import Evaluation
import Files
import Foundation
import Tasks

extension ComparisonTable {
  /// A table for people: mean ± sample standard deviation of the scores over the seeds, and the paired
  /// difference with its interval; all in points of per cent.
  package var text: String {
    var lines = [
      "\(measure.name) of the last weights in %: mean ± sample standard deviation over n seeds",
      "- \(reference): difference from that row's run of the same seed, over the seeds of both",
      "interval: \(percent(level)) % of that mean difference over \(draws) resamples of the "
        + "\(images) images, the same for",
      "all runs; it takes the runs as they are", "",
    ]
    lines += table(of: metrics.map { ($0, 100) })
    for metric in metrics { lines += acrossSeeds(metric, 100) }
    for smallerIsBetter in [true, false] {
      let shown = details.filter { detail in
        detail.smallerIsBetter == smallerIsBetter
          && rows.contains { $0.scores[detail.name] != nil }
      }
      if shown.isEmpty { continue }
      let units = shown.map { "\($0.name) in \($0.unit)" }
      lines += [
        "",
        "likewise, \(smallerIsBetter ? "smaller" : "larger") is better; "
          + units.joined(separator: ", "),
        "",
      ]
      lines += table(of: shown.map { ($0.name, $0.factor) })
      for detail in shown { lines += acrossSeeds(detail.name, detail.factor) }
    }
    if missingRuns > 0 { lines += ["", "\(missingRuns) runs are not finished"] }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What other images, other seeds and both would do to the differences; nothing for single seeds.
  private func acrossSeeds(_ metric: String, _ factor: Double) -> [String] {
    let known = rows.compactMap { row in
      row.scores[metric]?.estimate.flatMap { $0.overBoth == nil ? nil : (row.name, $0) }
    }
    if known.isEmpty { return [] }
    func text(_ interval: ConfidenceInterval?) -> String {
      interval.map { String(format: "[%+.2f, %+.2f]", factor * $0.lower, factor * $0.upper) } ?? ""
    }
    let header = [
      "row", "- \(reference)", "other images", "other seeds", "both", "of seeds", "visible",
      "needed",
    ]
    let cells = known.map { name, estimate in
      [
        name, String(format: "%+.2f", factor * estimate.value), text(estimate.overImages),
        text(estimate.overSeeds), text(estimate.overBoth),
        "\(NumberText.percent(estimate.shareOfSeeds, digits: 0)) %",
        estimate.visible.map { String(format: "%.2f", factor * $0) } ?? "",
        estimate.seedsForPower.map { "\($0)" } ?? "none",
      ]
    }
    let table = TextTable([header] + cells)
    return [
      "",
      "\(metric): \(percent(level)) % intervals of the mean difference on other images, with other "
        + "seeds (Student's t), and both",
      "of seeds: their share of the variance of both; visible: the difference that as many seeds and "
        + "images find in 80 % of",
      "studies; needed: seeds for that if the difference is what was measured; none: no number would do",
    ] + table.lines.prefix(1) + [table.rule] + table.lines.dropFirst()
  }

  private func table(of values: [(name: String, factor: Double)]) -> [String] {
    var columns: [[String]] = [["row"] + rows.map(\.name), ["n"] + rows.map { "\($0.runs.count)" }]
    for (metric, factor) in values {
      let scores = rows.map { $0.scores[metric] }
      columns.append([metric] + scores.map { spread($0?.spread, factor, sign: "") })
      columns.append(
        ["- \(reference)"] + scores.map { spread($0?.difference, factor, sign: "+") })
      columns.append(["interval"] + scores.map { interval($0, factor) })
    }
    // A rule stands below the titles.
    let table = TextTable(columns[0].indices.map { row in columns.map { $0[row] } })
    return table.lines.prefix(1) + [table.rule] + table.lines.dropFirst()
  }

  /// A line per row; fractions, empty where there is no number.
  package var rowsCSV: String {
    let metrics = metrics + details.map(\.name)
    let columns = [
      "mean", "sd", "difference", "difference_sd", "lower", "upper", "seeds_lower", "seeds_upper",
      "both_lower", "both_upper",
    ]
    let header =
      ["row", "seeds"] + metrics.flatMap { metric in columns.map { "\(metric)_\($0)" } }
    return
      ([header]
      + rows.map { row in
        [row.name, "\(row.runs.count)"]
          + metrics.flatMap { metric -> [String] in
            let score = row.scores[metric]
            let numbers = [
              score?.spread.mean, score?.spread.deviation,
              score?.difference?.mean, score?.difference?.deviation, score?.interval?.lower,
              score?.interval?.upper, score?.estimate?.overSeeds?.lower,
              score?.estimate?.overSeeds?.upper, score?.estimate?.overBoth?.lower,
              score?.estimate?.overBoth?.upper,
            ]
            return numbers.map { $0.map { "\($0)" } ?? "" }
          }
      }).map(CommaSeparatedValues.line).joined()
  }

  /// A line per row and seed; fractions.
  package var runsCSV: String {
    let header = ["row", "seed"] + metrics + ["iterations", "seconds", "folder"]
    let lines = rows.flatMap { row in
      row.runs.map { run in
        [row.name, "\(run.seed)"]
          + metrics.map { run.result.scores[$0].map { "\($0)" } ?? "" }
          + ["\(run.result.iterations)", "\(run.result.seconds)", run.folder]
      }
    }
    return ([header] + lines).map(CommaSeparatedValues.line).joined()
  }

  private func percent(_ share: Double) -> String { String(format: "%g", 100 * share) }

  /// Two digits of per cent, four of what has another unit.
  private func number(_ value: Double, _ factor: Double, sign: String) -> String {
    String(format: factor == 1 ? "%\(sign).4f" : "%\(sign).2f", factor * value)
  }

  private func spread(_ spread: SampleSpread?, _ factor: Double, sign: String) -> String {
    guard let spread else { return "" }
    return number(spread.mean, factor, sign: sign)
      + (spread.deviation.map { " ± " + number($0, factor, sign: "") } ?? "")
  }

  private func interval(_ score: Score?, _ factor: Double) -> String {
    guard let interval = score?.interval else { return "" }
    let ends = [interval.lower, interval.upper].map { number($0, factor, sign: "+") }
    return "[" + ends.joined(separator: ", ") + "]"
  }
}
