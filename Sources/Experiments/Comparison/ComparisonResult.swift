import Evaluation
import Files
import Foundation

/// `result.json`: what a run of a comparison has come to on the validation images.
package struct ComparisonResult: Codable, Sendable, Equatable {
  /// Weight updates.
  package let iterations: Int
  /// Images learned from.
  package let trainingImages: Int
  /// Images judged by.
  package let validationImages: Int
  /// Detections needed a larger confidence.
  package let confidence: Float
  /// Per class, of two detections with a larger IoU the less confident was dropped.
  package let suppression: Float
  /// Wall time of the training.
  package let seconds: Double
  /// mAP by metric, `voc07` and `voc12`, 0...1; absent where no class has objects.
  package let meanAveragePrecision: [String: Double]

  init(
    iterations: Int, trainingImages: Int, validationImages: Int, confidence: Float,
    suppression: Float, seconds: Double, _ report: EvaluationReport
  ) {
    self.iterations = iterations
    self.trainingImages = trainingImages
    self.validationImages = validationImages
    self.confidence = confidence
    self.suppression = suppression
    self.seconds = seconds
    var values: [String: Double] = [:]
    for (metric, _) in report.results {
      values[metric.rawValue] = report.meanAveragePrecision(metric)
    }
    meanAveragePrecision = values
  }

  /// Reads the file.
  ///
  /// - Throws: ``FileError``.
  init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileError(path: path, reason: "cannot be read")
    }
    do {
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch {
      throw FileError(path: path, reason: "is not the result of a run; remove it to judge anew")
    }
  }
}
