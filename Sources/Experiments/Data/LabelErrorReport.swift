package import Detection
import Drawing
package import Evaluation
import Files
import Foundation
import Geometry
import Images

/// Labels, and places without one, by how suspicious a trained detector finds them.
package struct LabelErrorReport {
  /// One of them.
  package struct Suspect: Encodable {
    /// The picture's file.
    package let image: String
    /// What may be wrong.
    package let kind: LabelErrorKind
    /// How likely by detections, 0...1.
    package let suspicion: Double
    /// The label's class, of a place without one that of the detection.
    package let label: String
    /// Left, top, width, height in pixels, likewise.
    package let box: [Float]
    /// What the detector says instead, if it does.
    package let suggestion: Suggestion?
    /// The other scores by name.
    package let scores: [String: Double]

    /// A detection that contradicts the label.
    package struct Suggestion: Encodable {
      let `class`: String
      let confidence: Float
      let box: [Float]
    }
  }

  /// Where the weights come from.
  package let model: String
  /// Pictures that were looked at.
  package let imageCount: Int
  /// Labels that were looked at, without difficult ones.
  package let labelCount: Int
  /// The errors that were put in; nil: none.
  package let noise: String?
  /// How well the scores find those.
  package let trial: LabelErrorTrial?
  /// By falling suspicion, from ``smallestSuspicion`` on.
  package let suspects: [Suspect]
  private let evidence: [LabelEvidence]
  private let images: [String]
  private let objects: [[GroundTruth]]

  /// What is less suspicious is not listed.
  static let smallestSuspicion = 0.1
  /// Pictures on the sheet, at most.
  private static let sheetCount = 60
  /// Lines for people, at most.
  private static let lineCount = 10

  init(
    model: String, classNames: [String], images: [String], objects: [[GroundTruth]],
    evidence: [LabelEvidence], noise: String?, trial: LabelErrorTrial?
  ) {
    self.model = model
    self.images = images
    self.objects = objects
    self.noise = noise
    self.trial = trial
    imageCount = images.count
    labelCount = evidence.count { $0.object != nil }
    // Sorted with their places, so that ties stay in the order of the data.
    let ranked = evidence.enumerated().filter { $0.element.suspicion >= Self.smallestSuspicion }
      .sorted {
        $0.element.suspicion != $1.element.suspicion
          ? $0.element.suspicion > $1.element.suspicion : $0.offset < $1.offset
      }.map(\.element)
    self.evidence = ranked
    suspects = ranked.map { item in
      Suspect(
        image: images[item.image], kind: item.kind, suspicion: item.suspicion,
        label: classNames[item.classIndex], box: item.box.numbers,
        suggestion: item.suggestion.map {
          .init(
            class: classNames[$0.classIndex], confidence: $0.confidence, box: $0.box.numbers)
        },
        scores: Dictionary(
          uniqueKeysWithValues: item.scores.map { ($0.key.rawValue, $0.value) }))
    }
  }

  /// The most suspicious, how many there are of each kind, and how well known errors were found.
  package var text: String {
    let counts = LabelErrorKind.allCases.map { kind in
      "\(suspects.count { $0.kind == kind }) \(kind.title)"
    }
    var lines = [
      "labels that may be wrong, of \(labelCount) in \(imageCount) images: "
        + counts.joined(separator: ", ")
    ]
    lines += suspects.prefix(Self.lineCount).map { suspect in
      let box = suspect.box.map { String(Int($0.rounded())) }.joined(separator: ",")
      let said = suspect.suggestion.map {
        " (found: \($0.class) \(Int((100 * $0.confidence).rounded())) %)"
      }
      return String(format: "  %.2f  ", suspect.suspicion)
        + "\(suspect.kind.title): \(suspect.label) at \(box) of \(suspect.image)" + (said ?? "")
    }
    if suspects.count > Self.lineCount {
      lines.append("  … \(suspects.count - Self.lineCount) more; --out writes all of them")
    }
    if let trial { lines += ["", "errors that were put in (\(noise ?? "")):"] + trial.lines }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Writes `label-errors.json` and `label-errors.png`, the surroundings of the most suspicious.
  ///
  /// - Throws: `FileError`, `ImageError`.
  package func write(to folder: String) throws {
    try Folder.make(folder)
    try JSONFile.write(self, to: folder + "/label-errors.json")
    let sheet = ContactSheet()
    let entries = try zip(evidence, suspects).prefix(Self.sheetCount).map { item, suspect in
      let photo = try Image.read(URL(filePath: suspect.image))
      let shown =
        item.suggestion
        ?? Detection(
          box: item.box, classIndex: item.classIndex, confidence: 1, objectness: 1)
      let crop = DetectionCrop(
        photo: photo, detection: shown, objects: objects[item.image], object: item.object)
      return (
        picture: crop.picture(),
        caption: String(format: "%.2f ", suspect.suspicion) + suspect.caption
      )
    }
    try sheet.image(entries).writePNG(to: URL(filePath: folder + "/label-errors.png"))
  }
}

extension LabelErrorReport.Suspect {
  /// In a few words.
  fileprivate var caption: String {
    switch kind {
    case .missing: "no \(label)"
    case .spurious: "\(label)?"
    case .moved: "\(label) moved"
    case .wrongClass: "\(label): \(suggestion?.class ?? "")?"
    }
  }
}

extension LabelEvidence {
  /// What contradicts the label; nothing does where it is merely not found.
  fileprivate var suggestion: Detection? { kind == .spurious ? nil : found }
}

extension Box {
  fileprivate var numbers: [Float] { [left, top, width, height] }
}

extension LabelErrorTrial {
  /// A table of the kinds and scores.
  var lines: [String] {
    func cell(_ estimate: Estimate) -> String {
      guard let value = estimate.value else { return "" }
      let interval = estimate.interval.map {
        String(format: " [%.1f, %.1f]", 100 * $0.lower, 100 * $0.upper)
      }
      return String(format: "%.1f", 100 * value) + (interval ?? "")
    }
    let cells = rows.map { row in
      [
        row.kind?.title ?? "any", row.score.title, "\(row.errors)", "\(row.right)",
        cell(row.auroc), cell(row.precision),
      ]
    }
    return TextTable([["error", "score", "wrong", "right", "AUROC", "precision"]] + cells).lines
      + [
        "in %, with intervals over images; precision: among as many of the most suspicious as are wrong"
      ]
      + (unreached > 0
        ? ["\(unreached) missing labels are where nothing is found at all: they count as last"]
        : [])
  }
}

extension LabelErrorReport: Encodable {
  private enum CodingKeys: String, CodingKey {
    case model
    case images
    case labels
    case labelNoise
    case suspects
    case trial
    case unreached
  }

  private struct TrialRow: Encodable {
    let error: String
    let score: SuspicionScore
    let wrong: Int
    let right: Int
    let auroc: Double?
    let aurocInterval: [Double]?
    let precision: Double?
    let precisionInterval: [Double]?

    init(_ row: LabelErrorTrial.Row) {
      error = row.kind?.rawValue ?? "any"
      score = row.score
      wrong = row.errors
      right = row.right
      auroc = row.auroc.value
      aurocInterval = row.auroc.interval.map { [$0.lower, $0.upper] }
      precision = row.precision.value
      precisionInterval = row.precision.interval.map { [$0.lower, $0.upper] }
    }
  }

  /// Writes what ``text`` says, and all suspects.
  ///
  /// - Throws: The encoder's errors.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(imageCount, forKey: .images)
    try container.encode(labelCount, forKey: .labels)
    try container.encodeIfPresent(noise, forKey: .labelNoise)
    try container.encode(suspects, forKey: .suspects)
    if let trial {
      try container.encode(trial.rows.map(TrialRow.init), forKey: .trial)
      try container.encode(trial.unreached, forKey: .unreached)
    }
  }
}
