import Compute
import Datasets
import Drawing
package import Evaluation
import Files
import Foundation
import Geometry
import Images
import Keypoints
import Tasks
package import Training

extension RunPictures {
  /// Persons or images that a sheet shows at most.
  private static let shownKeypoints = 16

  /// Draws `plots/batch.png`: images as a network learns from them, with their keypoints; what is hidden is
  /// faint.
  ///
  /// - Throws: `FileError`.
  static func write(
    _ batch: Batch<KeypointTruth>, areJoints: Bool, to folder: RunFolder
  ) throws {
    let shape = batch.input.shape
    let entries = batch.targets.indices.map { index in
      var truth = batch.targets[index]
      truth.points = truth.points.map { point in
        var point = point
        point.position = Point(
          point.position.x * Double(shape.width), point.position.y * Double(shape.height))
        return point
      }
      // What it was cut out of does not matter any more.
      truth.region = nil
      let painter = KeypointPainter(layout: truth.layout, areJoints: areJoints)
      return (
        picture: painter.view(
          of: image(index, of: batch.input), painter.found(truth), side: 320),
        caption: batch.sources[index].id
      )
    }
    try write(
      entries, on: ContactSheet(columns: 4, cellWidth: 320, cellHeight: 320), to: folder,
      named: "batch.png")
  }

  /// Draws `plots/validation.png`: the first validation images, with what is annotated and what was found.
  ///
  /// - Throws: `ImageError` for an image that has become unreadable; `FileError`.
  static func writeValidation<Kind: HeatmapTarget>(
    _: Kind.Type, _ judged: JudgedSamples<JudgedImage<KeypointTruth, KeypointPrediction>>,
    of samples: [Sample<KeypointTruth>],
    to folder: RunFolder
  ) throws {
    let threshold = Kind.isPerson ? -.infinity : KeypointRules.usualThreshold
    let entries = try zip(judged.images, judged.indices).prefix(shownKeypoints).map {
      image, index in
      let painter = KeypointPainter(layout: image.target.layout, areJoints: Kind.isPerson)
      return (
        picture: painter.view(
          of: try samples[index].image.read(),
          image.prediction.points.filter { $0.score >= threshold }, truth: image.target, side: 320),
        caption: image.id
      )
    }
    try write(
      entries, on: ContactSheet(columns: 4, cellWidth: 320, cellHeight: 320), to: folder,
      named: "validation.png")
  }

  /// Draws `pck.png` of joints, `reliability.png` and `risk-coverage.png`.
  ///
  /// - Returns: The files.
  package static func writeEvaluation(
    _ report: KeypointReport, of subject: String, to folder: String
  ) throws -> [String] {
    var pictures: [(name: String, image: Image)] = []
    if let errors = report.errors {
      pictures.append(
        (
          "pck-threshold.png",
          PCKPlot(errors, title: "\(subject), \(report.sampleCount) persons").image()
        ))
    }
    if let plot = ReliabilityPlot(report) {
      pictures.append(("reliability.png", plot.image(title: subject)))
    }
    if let plot = RiskCoveragePlot(report) {
      pictures.append(("risk-coverage.png", plot.image(title: subject)))
    }
    return try write(pictures, to: folder)
  }
}
