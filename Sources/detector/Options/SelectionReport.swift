import Evaluation
import Experiments
import Foundation
import Images

/// An image of a pool with what was found in it.
struct ScoredImage {
  let file: ImageFile
  let score: Double
  let detectionCount: Int
  /// The class of every detection that is confident enough to say what is in the image.
  let classes: [Int]
  let hash: DifferenceHash

  var candidate: ImageSelection.Candidate {
    ImageSelection.Candidate(score: score, classes: Set(classes), hash: hash)
  }
}

/// What `detector select` writes: every image, the chosen ones first, then by falling score.
struct SelectionReport: Encodable {
  struct Entry: Encodable {
    let path: String
    let score: Double
    /// From 1; absent if the image was not chosen.
    var rank: Int?
    /// Detections that the score is of.
    let detections: Int
    /// Confident detections per class.
    let classes: [String: Int]
    let hash: String
    /// The chosen image that this one is a copy of.
    var duplicateOf: String?
    /// The labelled image that this one is a copy of.
    var labelledAs: String?
    /// Bits in which their hashes differ.
    var hashDistance: Int?
  }

  struct Settings: Encodable {
    let model: String
    let score: ImageScore.Measure
    let aggregate: ImageScore.Aggregate
    /// k of `top-k`.
    let top: Int?
    let balance: ImageSelection.Balance
    let budget: Int
    /// Absent if copies were kept.
    let hashDistance: Int?
    /// How many labelled images there were to compare with.
    let labelled: Int
    let confidence: Float
    let classConfidence: Float
  }

  let settings: Settings
  let images: [Entry]

  init(
    _ pool: [ScoredImage], verdicts: [ImageSelection.Verdict], classNames: [String],
    selection: ImageSelection, labelled: [String] = [], score: ImageScore, confidence: Float,
    classConfidence: Float,
    model: String
  ) {
    settings = Settings(
      model: model, score: score.measure, aggregate: score.aggregate,
      top: score.aggregate == .topK ? score.count : nil, balance: selection.balance,
      budget: selection.budget, hashDistance: selection.duplicateDistance,
      labelled: labelled.count, confidence: confidence,
      classConfidence: classConfidence)
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
        entry.labelledAs = labelled[index]
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
  var selected: [Entry] { images.filter { $0.rank != nil } }

  /// A line per chosen image, then how many there were.
  var text: String {
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
