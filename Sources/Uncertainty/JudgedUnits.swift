/// What difficulty is judged by besides uncertainty: one entry for each unit of a batch that decides
/// something (an anchor, an image, a joint), image after image.
package struct JudgedUnits: Hashable, Sendable {
  /// Images; each has as many units.
  package let imageCount: Int
  /// Whether the unit's decision is right.
  package let isCorrect: [Bool]
  /// Whether the loss counts the unit at all.
  package let counts: [Bool]
  /// Whether its loss is weighted; the others that count keep weight 1.
  package let isWeighted: [Bool]

  /// Judged units; all that count are weighted unless told otherwise.
  package init(
    imageCount: Int, isCorrect: [Bool], counts: [Bool]? = nil, isWeighted: [Bool]? = nil
  ) {
    self.imageCount = imageCount
    self.isCorrect = isCorrect
    self.counts = counts ?? Array(repeating: true, count: isCorrect.count)
    self.isWeighted = isWeighted ?? self.counts
    precondition(
      imageCount > 0 && isCorrect.count % imageCount == 0 && self.counts.count == isCorrect.count
        && self.isWeighted.count == isCorrect.count, "counts differ")
    precondition(
      zip(self.isWeighted, self.counts).allSatisfy { $1 || !$0 }, "weighted units must count")
  }

  /// The units of an image that count.
  func counted(ofImage image: Int) -> [Int] {
    let size = isCorrect.count / imageCount
    return (image * size..<(image + 1) * size).filter { counts[$0] }
  }
}
