package import Compute
import Datasets
package import Evaluation
import Files
import Foundation
import Training

extension Comparison {
  private static let metrics: [(metric: EvaluationMetric, rule: AveragePrecision)] =
    EvaluationMetric.voc.compactMap { metric in metric.rule.map { (metric, $0) } }

  /// The row that the others are compared with: `baseline`, or the first if it is not among them.
  package var reference: ComparisonRow? { rows.first { $0.name == "baseline" } ?? rows.first }

  /// The table of the runs that are finished, from the detections that they have kept.
  ///
  /// The images of a resample are the same for all rows and seeds.
  ///
  /// - Parameters:
  ///   - bootstrap: How intervals are made.
  ///   - pool: Threads to resample on.
  /// - Returns: The rows that have a finished run.
  /// - Throws: ``FileError`` or `EvaluationError` for results or detections that cannot be used.
  package func table(
    bootstrap: Bootstrap = Bootstrap(), pool: ThreadPool? = nil
  ) throws -> ComparisonTable {
    let finished = runs.filter { state(of: $0) == .finished }
    let results = try finished.map { try ComparisonResult(contentsOf: $0.result) }
    let statistics = try zip(finished, results).map { run, result in
      try statistic(of: run, result)
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
    let estimates = bootstrap.estimates(
      of: PairedDifferences(
        runs: statistics, rows: compared.map { pairs[$0] },
        comparing: statistics.first?.meanPlaces ?? [],
        imageCount: data.validation.count), pool: pool)
    let names = Self.metrics.map(\.metric.rawValue)
    let tableRows = rows.indices.compactMap { place -> ComparisonTable.Row? in
      let own = finished.indices.filter { finished[$0].row == rows[place] }
      if own.isEmpty { return nil }
      var scores: [String: ComparisonTable.Score] = [:]
      for (number, name) in names.enumerated() {
        guard let spread = SampleSpread(own.compactMap { results[$0].meanAveragePrecision[name] })
        else { continue }
        let differences = pairs[place].compactMap { pair in
          results[pair.run].meanAveragePrecision[name].flatMap { value in
            results[pair.reference].meanAveragePrecision[name].map { value - $0 }
          }
        }
        let estimate = compared.firstIndex(of: place).map { estimates[$0 * names.count + number] }
        scores[name] = ComparisonTable.Score(
          meanAveragePrecision: spread, difference: SampleSpread(differences),
          interval: estimate?.interval)
      }
      return ComparisonTable.Row(
        name: rows[place].name, summary: rows[place].summary,
        runs: own.map {
          .init(seed: finished[$0].seed, folder: finished[$0].folder.path, result: results[$0])
        }, scores: scores)
    }
    return ComparisonTable(
      metrics: names, reference: reference?.name ?? "", rows: tableRows,
      missingRuns: runs.count - finished.count, images: data.validation.count,
      draws: bootstrap.draws, level: bootstrap.level)
  }

  /// A run's AP for resampling, from its detections.
  private func statistic(
    of run: Run, _ result: ComparisonResult
  ) throws -> AveragePrecisionStatistic {
    guard let content = FileManager.default.contents(atPath: run.detections) else {
      throw FileError(
        path: run.detections, reason: "cannot be read; remove \(run.result) to make it anew")
    }
    let lists = try JSONDetectionFile.parse(content, file: run.detections)
    let images = data.validation.map { EvaluatedImage(id: $0.id, objects: $0.target) }
    // Each image is listed, with or without detections: others would count as empty.
    guard lists.count == images.count else {
      throw FileError(
        path: run.detections,
        reason: "is of \(lists.count) images, there are \(images.count); give the data it is of")
    }
    let joined = try EvaluatedImage.joining(lists, to: images, classNames: data.classNames)
    let statistic = AveragePrecisionStatistic(
      try MatchedDetections(joined, classNames: data.classNames), rules: Self.metrics.map(\.rule))
    let values = statistic.values
    for (place, entry) in zip(statistic.meanPlaces, Self.metrics) {
      let value = values[place]
      guard value == result.meanAveragePrecision[entry.metric.rawValue] else {
        throw FileError(
          path: run.detections,
          reason: "does not give the \(entry.metric.rawValue) mAP of \(run.result) with the "
            + "validation images as they are now; remove \(run.result) to judge the run anew")
      }
    }
    return statistic
  }
}
