package import Compute
import Datasets
package import Evaluation
import Files
import Foundation
import Tasks
import Training

extension Comparison {
  /// The measure's rules as the table shows them, with their places among the scores.
  private static var rules: [(name: String, place: Int)] {
    Task.measure.rules.enumerated().map { ($1, $0) }.sorted { $0.name < $1.name }
  }

  /// The row that the others are compared with: `baseline`, or the first if it is not among them.
  package var reference: ComparisonRow? { rows.first { $0.name == "baseline" } ?? rows.first }

  /// The table of the runs that are finished, from the predictions that they have kept.
  ///
  /// The images of a resample are the same for all rows and seeds.
  ///
  /// - Parameters:
  ///   - bootstrap: How intervals are made.
  ///   - pool: Threads to resample on.
  /// - Returns: The rows that have a finished run.
  /// - Throws: ``FileError`` or `EvaluationError` for results or predictions that cannot be used.
  package func table(
    bootstrap: Bootstrap = Bootstrap(), pool: ThreadPool? = nil
  ) throws -> ComparisonTable {
    let finished = runs.filter { state(of: $0) == .finished }
    let results = try finished.map {
      try ComparisonResult(contentsOf: $0.result, measure: Task.measure)
    }
    let statistics = try zip(finished, results).map { run, result in
      try statistic(of: run, result)
    }
    let imageCount = statistics.first?.statistic.imageCount ?? data.validation.count
    for (run, statistic) in zip(finished, statistics)
    where statistic.statistic.imageCount != imageCount {
      throw FileError(
        path: run.result,
        reason: "was judged on \(statistic.statistic.imageCount) images, the first run on "
          + "\(imageCount); remove it to judge the run anew")
    }
    func index(_ row: ComparisonRow, _ seed: UInt64) -> Int? {
      finished.firstIndex { $0.row == row && $0.seed == seed }
    }
    let pairs = rows.map { row in
      seeds.compactMap { seed -> PairedDifferences.Pair? in
        guard let reference, row != reference, let run = index(row, seed),
          let other = index(reference, seed)
        else { return nil }
        return .init(run: run, reference: other)
      }
    }
    let compared = rows.indices.filter { !pairs[$0].isEmpty }
    let details = statistics.first?.details ?? []
    let estimates = bootstrap.estimates(
      ofSeeds: PairedDifferences(
        runs: statistics.map(\.statistic), rows: compared.map { pairs[$0] },
        comparing: Self.rules.map { statistics.first?.places[$0.place] ?? 0 }
          + details.map(\.place),
        imageCount: imageCount), pool: pool)
    let names = Self.rules.map(\.name)
    let values = statistics.map { $0.statistic.values }
    let tableRows = rows.indices.compactMap { place -> ComparisonTable.Row? in
      let own = finished.indices.filter { finished[$0].row == rows[place] }
      if own.isEmpty { return nil }
      var scores: [String: ComparisonTable.Score] = [:]
      for (number, name) in names.enumerated() {
        guard let spread = SampleSpread(own.compactMap { results[$0].scores[name] })
        else { continue }
        let differences = pairs[place].compactMap { pair in
          results[pair.run].scores[name].flatMap { value in
            results[pair.reference].scores[name].map { value - $0 }
          }
        }
        let estimate = compared.firstIndex(of: place).flatMap { estimates[$0][number] }
        scores[name] = ComparisonTable.Score(
          measure: Task.measure, spread: spread, difference: SampleSpread(differences),
          interval: estimate?.overImages, estimate: estimate)
      }
      for (number, detail) in details.enumerated() {
        guard let spread = SampleSpread(own.compactMap { values[$0][detail.place] })
        else { continue }
        let differences = pairs[place].compactMap { pair in
          values[pair.run][detail.place].flatMap { value in
            values[pair.reference][detail.place].map { value - $0 }
          }
        }
        let estimate = compared.firstIndex(of: place).flatMap {
          estimates[$0][names.count + number]
        }
        scores[detail.name] = ComparisonTable.Score(
          measure: detail.measure, spread: spread, difference: SampleSpread(differences),
          interval: estimate?.overImages, estimate: estimate)
      }
      return ComparisonTable.Row(
        name: rows[place].name, summary: rows[place].summary,
        runs: own.map {
          .init(seed: finished[$0].seed, folder: finished[$0].folder.path, result: results[$0])
        }, scores: scores)
    }
    return ComparisonTable(
      measure: Task.measure, metrics: names, details: details,
      reference: reference?.name ?? "", rows: tableRows,
      missingRuns: runs.count - finished.count, images: imageCount,
      draws: bootstrap.draws, level: bootstrap.level)
  }

  /// A run's scores for resampling, from its predictions.
  private func statistic(of run: Run, _ result: ComparisonResult) throws -> ScoreStatistic {
    guard let contents = FileManager.default.contents(atPath: run.predictions) else {
      throw FileError(
        path: run.predictions, reason: "cannot be read; remove \(run.result) to make it anew")
    }
    let statistic = try Task.statistic(
      of: contents, file: run.predictions, data: data, leftOutImages: result.leftOutImages)
    for (rule, value) in zip(Task.measure.rules, statistic.values)
    where value != result.scores[rule] {
      throw FileError(
        path: run.predictions,
        reason: "does not give the \(rule) \(Task.measure.name) of \(run.result) with the "
          + "validation images as they are now; remove \(run.result) to judge the run anew")
    }
    return statistic
  }
}
