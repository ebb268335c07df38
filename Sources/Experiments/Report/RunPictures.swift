import Drawing
package import Evaluation
import Files
import Foundation
import Geometry
import Images
package import Training

/// Which pictures a run's folder holds, made from its log and its evaluation.
package enum RunPictures {
  /// Draws `plots/loss.png`, losses, rate, scores, precision and recall side by side, and, if there was an
  /// evaluation, its scores alone: `plots/map.png`
  /// or `plots/accuracy.png`.
  ///
  /// - Returns: The files.
  @discardableResult
  package static func writeCurves(of folder: RunFolder) throws -> [String] {
    let course = course(try RunLog.read(folder.log))
    let name = URL(filePath: folder.path).lastPathComponent
    let pictures = [
      ("loss.png", course.image(title: name)),
      (course.measure.lowercased() + ".png", course.scorePlot(title: name)?.image()),
    ]
    try Folder.make(folder.plots)
    return try pictures.compactMap { name, picture in
      guard let picture else { return nil }
      try picture.writePNG(to: URL(filePath: folder.plot(name)))
      return folder.plot(name)
    }
  }

  /// How a run went, by its log: losses, scores by the rules, precision and recall, and the rate.
  static func course(_ log: RunLog.Content) -> RunCourse {
    let scores = log.columns.scores.sorted { $0.rule < $1.rule }
    var course = RunCourse(
      measure: log.columns.scores.first?.measure ?? "",
      losses: (["loss"] + log.columns.lossParts).map { curve($0, $0, .training, of: log.records) },
      scores: scores.map {
        curve($0.rule, "\($0.measure)_\($0.rule)", .evaluation, of: log.records)
      },
      balance: ["precision", "recall"].map { curve($0, $0, .evaluation, of: log.records) },
      rates: [curve("learning rate", "learning_rate", .training, of: log.records)])
    course.rule = log.columns.scores.first?.rule ?? ""
    return course
  }

  private static func curve(
    _ name: String, _ column: String, _ kind: RunLogRecord.Kind, of log: [RunLogRecord]
  ) -> RunCourse.Curve {
    RunCourse.Curve(
      name: name,
      points: log.filter { $0.kind == kind }.compactMap { record in
        record.values[column].map { Point(Double(record.iteration), $0) }
      })
  }

  /// Draws `precision-recall-METRIC.png` for every VOC metric of an evaluation, and of its part on trust
  /// `reliability.png` and `risk-coverage.png`.
  ///
  /// - Returns: The files.
  package static func writeEvaluation(
    _ result: EvaluationReport, of subject: String, to folder: String
  ) throws -> [String] {
    var pictures: [(name: String, image: Image)] = result.results.compactMap { metric, value in
      guard case .voc(let evaluation) = value else { return nil }
      return (
        "precision-recall-\(metric.rawValue).png",
        PrecisionRecallPlot(evaluation, title: subject).image()
      )
    }
    if let trust = result.trust {
      if let plot = ReliabilityPlot(trust) {
        pictures.append(("reliability.png", plot.image(title: subject)))
      }
      if let plot = RiskCoveragePlot(trust) {
        pictures.append(("risk-coverage.png", plot.image(title: subject)))
      }
    }
    return try write(pictures, to: folder)
  }

  /// Draws `reliability.png` and `risk-coverage.png` of a classifier.
  ///
  /// - Returns: The files.
  package static func writeEvaluation(
    _ report: ClassificationReport, of subject: String, to folder: String
  ) throws -> [String] {
    try write(
      [
        ("reliability.png", ReliabilityPlot(report).image(title: subject)),
        ("risk-coverage.png", RiskCoveragePlot(report).image(title: subject)),
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
