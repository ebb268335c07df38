import Drawing
package import Evaluation
import Foundation
import Images

/// An image of a pool with what was found in it.
struct ScoredImage {
  let file: ImageFile
  let score: Double
  /// Nil if a classifier looked at it.
  let detectionCount: Int?
  /// The class of every detection, or of the answer, that is confident enough to say what is in the
  /// image.
  let classes: [Int]
  let hash: DifferenceHash
  /// What was found, drawn on a picture that is no larger than the given sides.
  let painted: @Sendable (Image, ContactSheet) -> Image

  var candidate: ImageSelection.Candidate {
    ImageSelection.Candidate(score: score, classes: Set(classes), hash: hash)
  }
}

/// What became of a pool: every image, the chosen ones first, then by falling score.
package struct SelectionResult: Encodable {
  package struct Entry: Encodable {
    package let path: String
    package let score: Double
    /// From 1; absent if the image was not chosen.
    package var rank: Int?
    /// Detections that the score is of; absent for a classifier.
    package let detections: Int?
    /// Confident detections per class, or the class that a classifier answers confidently.
    package let classes: [String: Int]
    package let hash: String
    /// The chosen image that this one is a copy of.
    package var duplicateOf: String?
    /// The labelled image that this one is a copy of.
    package var labelledAs: String?
    /// Bits in which their hashes differ.
    package var hashDistance: Int?
  }

  package struct Settings: Encodable {
    package let model: String
    package let score: ImageScore.Measure
    /// Absent, like the confidence, for a classifier.
    package let aggregate: ImageScore.Aggregate?
    /// k of `top-k`.
    package let top: Int?
    package let balance: ImageSelection.Balance
    package let budget: Int
    /// Absent if copies were kept.
    package let hashDistance: Int?
    /// How many labelled images there were to compare with.
    package let labelled: Int
    package let confidence: Float?
    package let classConfidence: Float
  }

  package let settings: Settings
  package let images: [Entry]

  init(
    _ pool: [ScoredImage], labelled: [(file: ImageFile, hash: DifferenceHash)],
    settings: Settings, verdicts: [ImageSelection.Verdict], classNames: [String]
  ) {
    self.settings = settings
    let entries = zip(pool, verdicts).map { image, verdict in
      var entry = Entry(
        path: image.file.path, score: image.score,
        detections: image.detectionCount,
        classes: image.classes.reduce(into: [:]) { $0[classNames[$1], default: 0] += 1 },
        hash: image.hash.description)
      switch verdict {
      case .selected(let rank): entry.rank = rank
      case .duplicate(let index, let distance):
        entry.duplicateOf = pool[index].file.path
        entry.hashDistance = distance
      case .labelled(let index, let distance):
        entry.labelledAs = labelled[index].file.path
        entry.hashDistance = distance
      case .left: break
      }
      return entry
    }
    images = entries.enumerated().sorted { first, second in
      let a = (first.element.rank ?? .max, -first.element.score, first.offset)
      let b = (second.element.rank ?? .max, -second.element.score, second.offset)
      return a < b
    }.map(\.element)
  }

  /// The chosen images, by rank.
  package var selected: [Entry] { images.filter { $0.rank != nil } }

  /// A line per chosen image, then how many there were.
  package var text: String {
    let digits = String(selected.count).count
    let lines = selected.map { entry in
      let rank = String(entry.rank ?? 0)
      let found = entry.classes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      return String(repeating: " ", count: digits - rank.count) + rank
        + String(format: "  %.4f  ", entry.score) + entry.path
        + (found.isEmpty ? "" : "  (" + found.joined(separator: ", ") + ")") + "\n"
    }
    let copies = images.count { $0.duplicateOf != nil }
    let known = images.count { $0.labelledAs != nil }
    return lines.joined()
      + "chosen \(selected.count) of \(images.count) images; \(copies) copies of them left out"
      + (settings.labelled > 0 ? ", \(known) of \(settings.labelled) labelled ones\n" : "\n")
  }
}
