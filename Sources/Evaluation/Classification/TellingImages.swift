/// The images that are worth looking at.
///
/// Those are what a classifier is sure of and wrong about, what it doubts most, and examples of what
/// it confuses. All are indices of images.
package struct TellingImages: Sendable {
  /// Wrong answers, the most confident first.
  package let confidentMistakes: [Int]
  /// Right and wrong answers, the most uncertain first.
  package let mostUncertain: [Int]
  /// The most frequent confusions, each with its images, the most confident first.
  package let confusions: [(pair: ClassificationReport.Confusion, images: [Int])]
  /// Whether ``mostUncertain`` is ordered by BALD; otherwise by the entropy of the probabilities.
  package let usesBALD: Bool

  /// Chooses images; of equal ones the first.
  ///
  /// - Parameters:
  ///   - images: Every image of the split.
  ///   - report: Their numbers.
  ///   - count: The most of either kind.
  ///   - pairs: The most confusions.
  ///   - each: The most images of a confusion.
  package init(
    _ images: [ClassifiedImage], _ report: ClassificationReport, count: Int, pairs: Int = 8,
    each: Int = 4
  ) {
    func top(_ indices: [Int], _ limit: Int, by value: (ClassifiedImage) -> Double) -> [Int] {
      let ranked = indices.map { ($0, value(images[$0])) }.sorted {
        $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0
      }
      return ranked.prefix(limit).map(\.0)
    }
    func confidence(_ image: ClassifiedImage) -> Double {
      Double(image.probabilities[image.answer])
    }
    let wrong = images.indices.filter { images[$0].answer != images[$0].label }
    confidentMistakes = top(wrong, count, by: confidence)
    let usesBALD = ClassifiedImage.measures(of: images) == [.bald]
    self.usesBALD = usesBALD
    mostUncertain = top(Array(images.indices), count) { image in
      usesBALD ? image.uncertainties[0] : image.entropy
    }
    confusions = report.confusions(limit: pairs).map { pair in
      let members = wrong.filter {
        images[$0].label == pair.label && images[$0].answer == pair.answer
      }
      return (pair, top(members, each, by: confidence))
    }
  }
}
