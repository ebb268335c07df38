import Evaluation
import Files
import Foundation
package import Tasks

/// `result.json`: what a run of a comparison has come to on the validation images.
package struct ComparisonResult: Sendable, Equatable {
  /// Weight updates.
  package let iterations: Int
  /// Images learned from.
  package let trainingImages: Int
  /// Images to judge by.
  package let validationImages: Int
  /// Those of them that could not be read.
  package let leftOutImages: Int
  /// Wall time of the training.
  package let seconds: Double
  /// What was settled about predictions, by name.
  package let settings: [String: Double]
  /// What the scores measure.
  package let measure: ScoreMeasure
  /// Scores by rule, 0...1; absent where there was nothing to judge.
  package let scores: [String: Double]

  init(
    iterations: Int, trainingImages: Int, validationImages: Int, leftOutImages: Int,
    seconds: Double, settings: [String: Double], _ scores: Scores
  ) {
    self.iterations = iterations
    self.trainingImages = trainingImages
    self.validationImages = validationImages
    self.leftOutImages = leftOutImages
    self.seconds = seconds
    self.settings = settings
    measure = scores.measure
    self.scores = scores.byRule
  }

  /// Reads the file of a task's run.
  ///
  /// - Throws: `FileError`.
  init(contentsOf path: String, measure: ScoreMeasure) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileError(path: path, reason: "cannot be read")
    }
    struct Content: Decodable {
      var numbers: [String: Double]
      let scores: [String: [String: Double]]

      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: NameKey.self)
        var numbers: [String: Double] = [:]
        var scores: [String: [String: Double]] = [:]
        for key in container.allKeys {
          if let number = try? container.decode(Double.self, forKey: key) {
            numbers[key.stringValue] = number
          } else {
            scores[key.stringValue] = try container.decode([String: Double].self, forKey: key)
          }
        }
        self.numbers = numbers
        self.scores = scores
      }
    }
    var content = try? JSONDecoder().decode(Content.self, from: data)
    func count(_ name: String) -> Int? {
      content?.numbers.removeValue(forKey: name).flatMap { Int(exactly: $0) }
    }
    guard let iterations = count("iterations"), let trainingImages = count("trainingImages"),
      let validationImages = count("validationImages"),
      let seconds = content?.numbers.removeValue(forKey: "seconds"),
      let scores = content?.scores[measure.property]
    else {
      throw FileError(path: path, reason: "is not the result of a run; remove it to judge anew")
    }
    self.iterations = iterations
    self.trainingImages = trainingImages
    self.validationImages = validationImages
    leftOutImages = count("leftOutImages") ?? 0
    self.seconds = seconds
    settings = content?.numbers ?? [:]
    self.measure = measure
    self.scores = scores
  }
}

extension ComparisonResult: Encodable {
  /// Scores stand under what they measure, `meanAveragePrecision` or `accuracy`, settings under their
  /// own names.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: NameKey.self)
    try container.encode(iterations, forKey: NameKey("iterations"))
    try container.encode(trainingImages, forKey: NameKey("trainingImages"))
    try container.encode(validationImages, forKey: NameKey("validationImages"))
    if leftOutImages > 0 {
      try container.encode(leftOutImages, forKey: NameKey("leftOutImages"))
    }
    try container.encode(seconds, forKey: NameKey("seconds"))
    for (name, value) in settings { try container.encode(value, forKey: NameKey(name)) }
    try container.encode(scores, forKey: NameKey(measure.property))
  }
}

/// A key of JSON that is made at run time.
struct NameKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}
