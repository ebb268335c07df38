package import Compute
import Drawing
import Evaluation
import Files
import Foundation
import Geometry
import Images
import Tasks
import Training

/// Asks a classifier what is in images, and writes the answers down: as text, JSON and a sheet.
package struct PredictionRun {
  package var model: ModelChoice
  /// How many classes are named, the most probable first.
  package var top = 5
  /// A file of `detector calibrate` that recalibrates the probabilities.
  package var calibration: String?
  /// A PNG file for the images with their answers.
  package var sheet: String?
  /// A file for JSON.
  package var json: String?

  package init(model: ModelChoice) { self.model = model }

  /// What is said about an image.
  package struct Answer: Encodable, Sendable {
    /// A class and its probability, 0...1.
    package struct Choice: Encodable, Sendable {
      package let name: String
      package let probability: Float

      private enum CodingKeys: String, CodingKey {
        case name = "class"
        case probability
      }
    }

    package let file: String
    package let width: Int
    package let height: Int
    /// The most probable classes first.
    package let classes: [Choice]
    /// Of all probabilities, in bits; with `[logistic]` the sum over the classes' yes and no.
    package let entropy: Double
    /// Of class and weights, in bits; nil without a Bayesian layer.
    package let mutualInformation: Float?

    /// One line for people.
    package var text: String {
      let choices = classes.map { "\($0.name) \(Scores.percent(Double($0.probability)))" }
      let information = mutualInformation.map { String(format: ", BALD %.3f bit", $0) } ?? ""
      return "\(file) (\(width)x\(height)): \(choices.joined(separator: ", "))"
        + String(format: "; entropy %.2f bit", entropy) + information
    }
  }

  private struct Document: Encodable {
    let images: [Answer]
    let model: String
    let calibration: String?
  }

  /// Looks at the images.
  ///
  /// - Parameters:
  ///   - paths: Images, or folders of images.
  ///   - backend: Does the work.
  ///   - console: Told which model it is and which images cannot be read.
  ///   - each: Gets the answer of an image as soon as it is known.
  /// - Returns: How many images could be read; all of those are in the files.
  /// - Throws: Before the work if something cannot be read or written.
  package func run(
    on paths: [String], backend: any Backend, _ console: Console, each: (Answer) throws -> Void
  ) throws -> ImageWalk.Outcome {
    let files = try ImageFile.list(paths)
    for case let file? in [json, sheet] { try AtomicFile.check(file) }
    let scaling = try calibration.map { try TemperatureScaling(contentsOf: URL(filePath: $0)) }
    let classifier = try Classifier(model, backend: backend, console)
    if scaling != nil { try classifier.checkScales() }
    console.mention(
      classifier.introduction + (calibration.map { "; recalibrated by \($0)" } ?? ""))
    let pictures = ContactSheet()
    var answers: [Answer] = []
    var entries: [(picture: Image, caption: String)] = []
    let outcome = try ImageWalk(files, console).forEach { _, file, image in
      let prediction = try classifier.prediction(of: image)
      let probabilities =
        scaling?.applied(to: prediction.probabilities) ?? prediction.probabilities
      let seen = ClassifiedImage(
        probabilities: probabilities, label: 0, isExclusive: classifier.isExclusive)
      let order = probabilities.indices.sorted {
        probabilities[$0] != probabilities[$1] ? probabilities[$0] > probabilities[$1] : $0 < $1
      }
      let answer = Answer(
        file: file.path, width: image.width, height: image.height,
        classes: order.prefix(top).map {
          .init(name: classifier.classNames[$0], probability: probabilities[$0])
        }, entropy: seen.entropy, mutualInformation: prediction.mutualInformation)
      try each(answer)
      answers.append(answer)
      if sheet != nil, let first = answer.classes.first {
        entries.append(
          (
            pictures.thumbnail(of: image),
            "\(first.name) \(Scores.percent(Double(first.probability)))"
          ))
      }
    }
    if let json {
      try JSONFile.write(
        Document(images: answers, model: classifier.model.origin, calibration: calibration),
        to: json)
    }
    if let sheet { try pictures.image(entries).writePNG(to: URL(filePath: sheet)) }
    return outcome
  }
}
