package import Compute
import Evaluation
import Files
import Foundation
package import Geometry
import Images
import Keypoints
import Tasks
import Training

/// Asks a network of keypoints where they are in images, and writes the answers down.
package struct KeypointPredictionRun {
  package var model: ModelChoice
  /// How keypoints are found.
  package var rules = KeypointRules()
  /// JSON of `detector detect`, or COCO results: what is looked at are its boxes; nil: whole images.
  package var boxes: String?
  /// The class of boxes that are looked at; nil: all.
  package var boxClass: String?
  /// Boxes need a larger confidence.
  package var boxConfidence: Float = 0.3
  /// A file of `detector calibrate`, for the probability that a keypoint is right.
  package var calibration: String?
  /// A file for JSON.
  package var json: String?
  /// A folder for the pictures with what was found.
  package var pictures: String?

  package init(model: ModelChoice) { self.model = model }

  /// What is said about an image.
  package struct Answer: Encodable, Sendable {
    package let file: String
    package let width: Int
    package let height: Int
    /// Persons, or one entry of all objects.
    package let persons: [Person]

    /// The keypoints of a person, or of all objects.
    package struct Person: Encodable, Sendable {
      /// Left, top, width and height of what was looked at, pixels; nil: the whole image.
      package let region: [Double]?
      package let keypoints: [Point]
    }

    /// A keypoint, in pixels from the image's left and upper edge.
    package struct Point: Encodable, Sendable {
      package let name: String
      package let x: Double
      package let y: Double
      /// The height of the map there.
      package let score: Float
      /// That it is right, as the run was calibrated; nil: it was not.
      package let probability: Double?
      package let uncertainty: Uncertainty?
    }

    /// What else the map says, see `KeypointDoubt`.
    package struct Uncertainty: Encodable, Sendable {
      package let entropy: Float
      package let secondPeak: Float
      package let spread: Float
      package let bald: Float?
      package let baldAround: Float?
    }

    /// Lines for people: one of the image, and one of each keypoint.
    package var text: String {
      let width = persons.flatMap(\.keypoints).map(\.name.count).max() ?? 0
      var lines = ["\(file) (\(self.width)x\(height)):" + (persons.isEmpty ? " nothing" : "")]
      for (number, person) in persons.enumerated() {
        if persons.count > 1 { lines.append(" person \(number + 1)") }
        lines += person.keypoints.map { point in
          let name = point.name + String(repeating: " ", count: width - point.name.count)
          let right = point.probability.map { String(format: "  right %3.0f %%", 100 * $0) } ?? ""
          let bald = point.uncertainty?.bald.map { String(format: "  BALD %.3f bit", $0) } ?? ""
          return "  " + name
            + String(format: "  %7.1f %7.1f  %3.0f %%", point.x, point.y, 100 * point.score) + right
            + bald
        }
      }
      return lines.joined(separator: "\n")
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
  ///   - each: Gets the answer of an image as soon as it is known, with its picture and what was found.
  /// - Returns: How many images could be read; all of those are in the file.
  /// - Throws: Before the work if something cannot be read or written.
  package func run(
    on paths: [String], backend: any Backend, _ console: Console,
    each: (Answer) throws -> Void
  ) throws -> ImageWalk.Outcome {
    try model.task() == CenterTask.self
      ? run(ObjectCenters.self, paths, backend, console, each)
      : run(PersonJoints.self, paths, backend, console, each)
  }

  private func run<Kind: HeatmapTarget>(
    _: Kind.Type, _ paths: [String], _ backend: any Backend, _ console: Console,
    _ each: (Answer) throws -> Void
  ) throws -> ImageWalk.Outcome {
    let files = try ImageFile.list(paths)
    if let json { try AtomicFile.check(json) }
    if let pictures { try Folder.make(pictures) }
    let folder = try pictures.map { try PictureFolder($0, sources: files) }
    let regions = try regions(of: files)
    let map = try calibration.map { try RecalibrationModel(contentsOf: URL(filePath: $0)) }
    let network = try KeypointNetwork<Kind>(model, settings: rules.settings, backend: backend)
    console.mention(network.introduction + (calibration.map { "; calibrated by \($0)" } ?? ""))
    let threshold = Kind.isPerson ? -.infinity : rules.centers.threshold
    let painter = KeypointPainter(layout: network.layout, areJoints: Kind.isPerson)
    var answers: [Answer] = []
    let outcome = try ImageWalk(files, console).forEach { index, file, image in
      let looked: [Box?] = regions.map { $0[index].map { $0 } } ?? [nil]
      let found = try looked.map { region in
        try network.prediction(of: image, region: region).points.filter { $0.score >= threshold }
      }
      let persons = zip(looked, found).map { region, points in
        Answer.Person(
          region: region.map {
            [$0.left, $0.top, $0.width, $0.height].map { Double($0) }
          }, keypoints: points.map { Answer.Point($0, network.layout, map) })
      }
      let answer = Answer(
        file: file.path, width: image.width, height: image.height, persons: persons)
      try folder?.write(painter.drawing(found, on: image), of: file)
      try each(answer)
      answers.append(answer)
    }
    if let json {
      try JSONFile.write(
        Document(images: answers, model: network.model.origin, calibration: calibration), to: json)
    }
    return outcome
  }

  /// The boxes of each image, a quarter larger about their middles, so that hands and feet are inside;
  /// nil: whole images.
  private func regions(of files: [ImageFile]) throws -> [[Box]]? {
    guard let boxes else { return nil }
    guard let data = FileManager.default.contents(atPath: boxes) else {
      throw FileError(path: boxes, reason: "cannot be read")
    }
    let lists = try JSONDetectionFile.parse(data, file: boxes)
    let byFile = Dictionary(
      lists.map { ($0.file, $0) }, uniquingKeysWith: { first, _ in first })
    return try files.map { file in
      let name = file.url.lastPathComponent
      guard let list = byFile[file.path] ?? byFile[name] else {
        throw FileError(path: boxes, reason: "says nothing of \(file.path)")
      }
      return list.detections.filter {
        $0.confidence > boxConfidence && (boxClass == nil || $0.className == boxClass)
      }.map { $0.box.scaled(by: 1.25) }
    }
  }
}

extension KeypointPredictionRun.Answer.Point {
  init(_ point: FoundKeypoint, _ layout: KeypointLayout, _ map: RecalibrationModel?) {
    let name = layout.names[point.index]
    self.init(
      name: name, x: point.position.x, y: point.position.y, score: point.score,
      probability: map?.map(ofClass: name).apply(Double(min(max(point.score, 0), 1))),
      uncertainty: point.doubt.map(KeypointPredictionRun.Answer.Uncertainty.init))
  }
}

extension KeypointPredictionRun.Answer.Uncertainty {
  init(_ doubt: KeypointDoubt) {
    self.init(
      entropy: doubt.entropy, secondPeak: doubt.secondPeak, spread: doubt.spread,
      bald: doubt.baldAtPeak, baldAround: doubt.baldAround)
  }
}

extension Box {
  /// A box about the same middle.
  fileprivate func scaled(by factor: Float) -> Box {
    let (x, y) = ((left + right) / 2, (top + bottom) / 2)
    let (w, h) = (width * factor / 2, height * factor / 2)
    return Box(left: x - w, top: y - h, right: x + w, bottom: y + h)
  }
}
