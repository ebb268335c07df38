import Drawing
import Evaluation
import Files
import Foundation
import Images
import Tasks

extension ComparisonTable {
  /// Writes text, CSV, JSON and pictures beside the runs.
  ///
  /// - Returns: The files.
  package func write(to folder: String) throws -> [String] {
    let base = folder + "/comparison"
    try AtomicFile.write(text, to: base + ".txt")
    try AtomicFile.write(rowsCSV, to: base + ".csv")
    try AtomicFile.write(runsCSV, to: folder + "/runs.csv")
    try JSONFile.write(self, to: base + ".json")
    let pictures = try metrics.map { metric in
      let plot = ComparisonPlot(
        title: "\(metric), \(images) images",
        valueLabel: "\(measure.name) in %, each seed and the mean",
        differenceLabel: "points from \(reference), \(Int(100 * level)) % interval over images",
        rows: rows.map { row in
          let score = row.scores[metric]
          return ComparisonPlot.Row(
            name: row.name,
            values: row.runs.compactMap { $0.result.scores[metric] }
              .map { 100 * $0 },
            difference: score?.difference.map { 100 * $0.mean },
            interval: score?.interval.map { 100 * $0.lower...100 * $0.upper })
        })
      let path = "\(base)-\(metric).png"
      try plot.image().writePNG(to: URL(filePath: path))
      return path
    }
    return [base + ".txt", base + ".csv", folder + "/runs.csv", base + ".json"] + pictures
  }
}
