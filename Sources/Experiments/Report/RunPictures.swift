import Drawing
package import Evaluation
import Files
import Foundation
import Geometry
import Images
package import Training

/// Which pictures a run's folder holds, made from its log and its evaluation.
package enum RunPictures {
  /// Draws `plots/loss.png` and, if there was an evaluation, `plots/map.png`.
  ///
  /// - Returns: The files.
  @discardableResult
  package static func writeCurves(of folder: RunFolder) throws -> [String] {
    let records = try RunLog.read(folder.log).records
    let plots = RunPlots(title: URL(filePath: folder.path).lastPathComponent)
    let pictures = [
      ("loss.png", plots.losses(losses(records))),
      ("map.png", plots.meanAveragePrecision(validation(records))),
    ]
    try Folder.make(folder.plots)
    return try pictures.compactMap { name, picture in
      guard let picture else { return nil }
      try picture.writePNG(to: URL(filePath: folder.plot(name)))
      return folder.plot(name)
    }
  }

  /// The losses of a log.
  static func losses(_ log: [RunLogRecord]) -> [RunPlots.Curve] {
    ["loss", "box", "objectness", "class", "auxiliary"].map { curve($0, $0, .training, of: log) }
  }

  /// The mAP on the validation images of a log.
  static func validation(_ log: [RunLogRecord]) -> [RunPlots.Curve] {
    ["voc07", "voc12"].map { curve($0, "mAP_\($0)", .evaluation, of: log) }
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
    try Folder.make(folder)
    return try pictures.map { name, image in
      let path = folder + "/" + name
      try image.writePNG(to: URL(filePath: path))
      return path
    }
  }
}
