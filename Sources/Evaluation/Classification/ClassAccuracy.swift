/// How a classifier does on the images of each class, in means over classes.
///
/// - precision of a class: right answers among the images that were answered with it;
/// - recall: right answers among the images of it;
/// - F1: 2 · right / (images of it + images answered with it).
package struct ClassAccuracy: ImageStatistic {
  /// One class in numbers.
  package struct Row: Hashable, Sendable {
    /// Images of the class.
    package let images: Int
    /// Images that were answered with it.
    package let answers: Int
    /// Both.
    package let right: Int

    /// 0...1; nil without answers.
    package var precision: Double? { answers > 0 ? Double(right) / Double(answers) : nil }
    /// 0...1; nil without images.
    package var recall: Double? { images > 0 ? Double(right) / Double(images) : nil }
    /// 0...1; nil without images.
    package var f1: Double? {
      images > 0 ? 2 * Double(right) / Double(images + answers) : nil
    }
  }

  /// The number of images.
  package let imageCount: Int
  private let labels: [Int]
  private let answers: [Int]
  private let classCount: Int

  /// From what a classifier says about images; labels count `classCount` classes.
  package init(_ images: [ClassifiedImage], classCount: Int) {
    imageCount = images.count
    labels = images.map(\.label)
    answers = images.map(\.answer)
    self.classCount = classCount
  }

  /// Balanced accuracy, which is the mean recall, and the mean F1, over the classes with images.
  package var valueCount: Int { 2 }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    let rows = rows(weights)
    return [mean(rows.map(\.recall)), mean(rows.map(\.f1))]
  }

  /// The classes in their order.
  package var rows: [Row] { rows(.once(imageCount: imageCount)) }

  private func rows(_ weights: ImageWeights) -> [Row] {
    var images = [Int](repeating: 0, count: classCount)
    var given = images
    var right = images
    for index in labels.indices {
      let weight = weights[index]
      images[labels[index]] += weight
      given[answers[index]] += weight
      if labels[index] == answers[index] { right[labels[index]] += weight }
    }
    return (0..<classCount).map { Row(images: images[$0], answers: given[$0], right: right[$0]) }
  }
}
