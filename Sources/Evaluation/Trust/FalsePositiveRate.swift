/// How many wrong decisions pass where 95 % of the right ones do: FPR95.
///
/// Right decisions are sorted by falling certainty; the score of the ⌈0.95 n⌉-th is the limit, and the
/// value is the share of the wrong ones that are at least as certain. Of known and unknown images
/// (Hendrycks and Gimpel 2017) "right" is known.
struct FalsePositiveRate: ImageStatistic {
  let imageCount: Int
  private let entries: [ScoredDecision]

  /// The share of right decisions that pass.
  static let share = 0.95

  /// From a score per decision, larger for less certain ones, in their order.
  init(_ decisions: Decisions, scores: [Double]) {
    imageCount = decisions.imageCount
    entries = ScoredDecision.sorted(decisions, scores: scores)
  }

  var valueCount: Int { 1 }

  /// Nil without right or without wrong decisions.
  func values(_ weights: ImageWeights) -> [Double?] {
    var right = 0
    var wrong = 0
    for entry in entries {
      let count = weights[Int(entry.image)]
      if entry.isWrong { wrong += count } else { right += count }
    }
    guard right > 0, wrong > 0 else { return [nil] }
    let needed = Int((Self.share * Double(right)).rounded(.up))
    var rightSeen = 0
    var wrongSeen = 0
    var start = 0
    // The most certain first; of equal scores all pass or none.
    while start < entries.count, rightSeen < needed {
      var end = start
      repeat {
        let count = weights[Int(entries[end].image)]
        if entries[end].isWrong { wrongSeen += count } else { rightSeen += count }
        end += 1
      } while end < entries.count && entries[end].score == entries[start].score
      start = end
    }
    return [Double(wrongSeen) / Double(wrong)]
  }
}
