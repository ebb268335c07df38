package import Compute
package import Detection
import Geometry

/// How well scores find label errors that are known, because they were made.
package struct LabelErrorTrial: Sendable {
  /// The errors of one image.
  package struct Errors: Hashable, Sendable {
    /// The kind of error of each object's label; nil: it is right.
    package var ofObjects: [LabelErrorKind?]
    /// Objects whose label was taken away.
    package var missing: [GroundTruth]

    /// Known errors.
    package init(ofObjects: [LabelErrorKind?], missing: [GroundTruth] = []) {
      self.ofObjects = ofObjects
      self.missing = missing
    }
  }

  /// What a score does for one kind of error; nil: for all kinds together.
  package struct Row: Sendable {
    /// The kind.
    package let kind: LabelErrorKind?
    /// The score.
    package let score: SuspicionScore
    /// Labels that are wrong in this way.
    package let errors: Int
    /// Labels, or places without one, that are right.
    package let right: Int
    /// The probability that a wrong one is more suspicious than a right one, ties counting half.
    package let auroc: Estimate
    /// The share of wrong ones among as many of the most suspicious as there are errors.
    package let precision: Estimate
  }

  /// By kind, all together last, then score.
  package let rows: [Row]
  /// Objects without a label at which nothing was found at all; they count as the least suspicious.
  package let unreached: Int

  private struct Entry {
    let image: Int
    let isWrong: Bool
    let value: (SuspicionScore, LabelErrorKind?) -> Double?
  }

  /// Judges evidence by what is known.
  ///
  /// An object without a label is found at the most confident place that overlaps it by ½: whoever looks
  /// there sees it, whatever class the detection has.
  /// Labels that are wrong in another way take no part in the rows of a kind.
  ///
  /// - Parameters:
  ///   - evidence: Of every image in order.
  ///   - errors: Likewise.
  ///   - bootstrap: How intervals over images are made; nil: none.
  ///   - pool: Threads to draw on.
  package init(
    _ evidence: [[LabelEvidence]], errors: [Errors], bootstrap: Bootstrap? = nil,
    pool: ThreadPool? = nil
  ) {
    precondition(evidence.count == errors.count, "errors of other images")
    var entries: [(kind: LabelErrorKind?, isPlace: Bool, entry: Entry)] = []
    var unreached = 0
    for (image, own) in evidence.enumerated() {
      let truth = errors[image]
      var places = own.filter { $0.object == nil }
      for missing in truth.missing {
        let found = places.firstIndex {
          $0.box.intersectionOverUnion(with: missing.box) >= 0.5
        }
        let place = found.map { places.remove(at: $0) }
        if place == nil { unreached += 1 }
        entries.append(
          (
            .missing, true,
            Entry(image: image, isWrong: true) { score, kind in
              place.map { $0.value(of: score, kind: kind) } ?? -1
            }
          ))
      }
      for item in own where item.object != nil || places.contains(item) {
        let kind = item.object.flatMap { truth.ofObjects[$0] }
        entries.append(
          (
            kind, item.object == nil,
            Entry(image: image, isWrong: kind != nil) { item.value(of: $0, kind: $1) }
          ))
      }
    }
    self.unreached = unreached
    let kinds = LabelErrorKind.allCases.filter { kind in entries.contains { $0.kind == kind } }
    var rows: [Row] = []
    for kind in kinds.map(Optional.some) + (kinds.count > 1 ? [nil] : []) {
      let chosen = entries.filter { item in
        guard let kind else { return true }
        return item.isPlace == (kind == .missing) && (item.kind == nil || item.kind == kind)
      }.map(\.entry)
      for score in SuspicionScore.allCases {
        let values = chosen.map { $0.value(score, kind) }
        // A label that nothing is known of is not suspicious; a score that nothing has is none.
        guard values.contains(where: { $0 ?? -1 >= 0 }) else { continue }
        let scored = zip(chosen, values).map {
          RankedSuspicion(score: $1 ?? -1, image: $0.image, isWrong: $0.isWrong)
        }
        let estimates = Bootstrap.estimates(
          of: SuspicionRanking(scored, imageCount: evidence.count), bootstrap, pool: pool)
        rows.append(
          Row(
            kind: kind, score: score, errors: chosen.count(where: \.isWrong),
            right: chosen.count { !$0.isWrong }, auroc: estimates[0], precision: estimates[1]))
      }
    }
    self.rows = rows
  }
}

/// A label, or a place without one, with what it is and how suspicious it looks.
struct RankedSuspicion: Sendable {
  let score: Double
  let image: Int
  let isWrong: Bool
}

/// How well an order puts wrong labels first: AUROC, and the precision at as many as are wrong.
///
/// Of equal scores every order counts alike.
struct SuspicionRanking: ImageStatistic {
  let imageCount: Int
  /// By falling score.
  private let entries: [RankedSuspicion]

  init(_ entries: [RankedSuspicion], imageCount: Int) {
    self.imageCount = imageCount
    self.entries = entries.enumerated().sorted {
      $0.element.score != $1.element.score
        ? $0.element.score > $1.element.score : $0.offset < $1.offset
    }.map(\.element)
  }

  var valueCount: Int { 2 }

  /// Nil without wrong or without right ones.
  func values(_ weights: ImageWeights) -> [Double?] {
    var (wrongTotal, total) = (0, 0)
    for entry in entries {
      total += weights[entry.image]
      if entry.isWrong { wrongTotal += weights[entry.image] }
    }
    guard wrongTotal > 0, wrongTotal < total else { return [nil, nil] }
    var (wrongSeen, rightSeen) = (0, 0)
    var pairs = 0.0
    var hits = 0.0
    var start = 0
    while start < entries.count {
      var end = start
      var (wrong, right) = (0, 0)
      repeat {
        let count = weights[entries[end].image]
        if entries[end].isWrong { wrong += count } else { right += count }
        end += 1
      } while end < entries.count && entries[end].score == entries[start].score
      start = end
      guard wrong + right > 0 else { continue }
      let rightAfter = total - wrongTotal - rightSeen - right
      pairs += Double(wrong) * (Double(rightAfter) + Double(right) / 2)
      let room = min(max(0, wrongTotal - wrongSeen - rightSeen), wrong + right)
      hits += Double(room) * Double(wrong) / Double(wrong + right)
      wrongSeen += wrong
      rightSeen += right
    }
    return [
      pairs / (Double(wrongTotal) * Double(total - wrongTotal)), hits / Double(wrongTotal),
    ]
  }
}
