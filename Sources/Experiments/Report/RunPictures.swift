import Drawing
package import Evaluation
import Files
import Foundation
import Geometry
import Images
package import Training

/// Which pictures a run's folder holds, made from its log and its evaluation.
package enum RunPictures {
  /// Draws `plots/loss.png` and, if there was an evaluation, a picture of its scores: `plots/map.png`
  /// or `plots/accuracy.png`.
  ///
  /// - Returns: The files.
  @discardableResult
  package static func writeCurves(of folder: RunFolder) throws -> [String] {
    let log = try RunLog.read(folder.log)
    let plots = RunPlots(title: URL(filePath: folder.path).lastPathComponent)
    let measure = log.columns.scores.first?.measure ?? ""
    let pictures = [
      ("loss.png", plots.losses(losses(log))),
      (measure.lowercased() + ".png", plots.scores(validation(log), of: measure)),
    ]
    try Folder.make(folder.plots)
    return try pictures.compactMap { name, picture in
      guard let picture else { return nil }
      try picture.writePNG(to: URL(filePath: folder.plot(name)))
      return folder.plot(name)
    }
  }

  /// The losses of a log.
  static func losses(_ log: RunLog.Content) -> [RunPlots.Curve] {
    (["loss"] + log.columns.lossParts).map { curve($0, $0, .training, of: log.records) }
  }

  /// The scores on the validation images of a log.
  static func validation(_ log: RunLog.Content) -> [RunPlots.Curve] {
    log.columns.scores.sorted { $0.rule < $1.rule }.map {
      curve($0.rule, "\($0.measure)_\($0.rule)", .evaluation, of: log.records)
    }
  }

  private static func curve(
    _ name: String, _ column: String, _ kind: RunLogRecord.Kind, of log: [RunLogRecord]
  ) -> RunPlots.Curve {
    RunPlots.Curve(
      name: name,
      points: log.filter { $0.kind == kind }.compactMap { record in
        record.values[column].map { Point(Double(record.iteration), $0) }
      })
  }

  /// Draws `precision-recall-METRIC.png` for every VOC metric of an evaluation, and of its part on trust
  /// `reliability.png` and `risk-coverage.png`.
  ///
  /// - Returns: The files.
  package static func writeEvaluation(_ result: EvaluationReport, to folder: String) throws
    -> [String]
  {
    var pictures: [(name: String, image: Image)] = result.results.compactMap { metric, value in
      guard case .voc(let evaluation) = value else { return nil }
      return (
        "precision-recall-\(metric.rawValue).png", PrecisionRecallPlot(evaluation).image()
      )
    }
    if let trust = result.trust {
      if let plot = ReliabilityPlot(trust) { pictures.append(("reliability.png", plot.image())) }
      if let plot = RiskCoveragePlot(trust) {
        pictures.append(("risk-coverage.png", plot.image()))
      }
    }
    return try write(pictures, to: folder)
  }

  /// Draws `reliability.png` and `risk-coverage.png` of a classifier.
  ///
  /// - Returns: The files.
  package static func writeEvaluation(_ report: ClassificationReport, to folder: String) throws
    -> [String]
  {
    try write(
      [
        ("reliability.png", ReliabilityPlot(report).image()),
        ("risk-coverage.png", RiskCoveragePlot(report).image()),
      ], to: folder)
  }

  static func write(
    _ pictures: [(name: String, image: Image)], to folder: String
  ) throws -> [String] {
    try Folder.make(folder)
    return try pictures.map { name, image in
      let path = folder + "/" + name
      try image.writePNG(to: URL(filePath: path))
      return path
    }
  }
}
