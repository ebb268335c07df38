/// One answer that a model committed itself to, and whether it is right.
///
/// A detector makes one per detection, a classifier one per image, a keypoint model one per joint.
package struct Decision: Sendable, Hashable {
  /// Index of the image.
  package var image: Int
  /// Which of the image's answers it is; any number that its maker can find it by.
  package var unit: Int
  /// Index of the class or joint that was answered.
  package var group: Int
  /// How sure the model says it is; the probability of being right where it is in 0...1.
  package var score: Float
  /// What ``Decisions/measures`` names, in their order, each larger for a less certain answer.
  package var uncertainties: [Double]
  /// The verdict.
  package var isRight: Bool
  /// How good a right answer is, 0...1: a detection's IoU, 1 for a class; 0 for a wrong one.
  package var quality: Double
  /// How far a place that was answered is from the true one, in pixels of the picture; nil: the answer is
  /// none, or nothing is there.
  package var error: Double?

  /// An answer; a right one is as good as can be unless told otherwise.
  package init(
    image: Int, unit: Int = 0, group: Int, score: Float, uncertainties: [Double] = [],
    isRight: Bool, quality: Double = 1, error: Double? = nil
  ) {
    self.image = image
    self.unit = unit
    self.group = group
    self.score = score
    self.uncertainties = uncertainties
    self.isRight = isRight
    self.quality = isRight ? quality : 0
    self.error = error
  }
}

/// The decisions of a model on a set of images: what every metric of trust is computed from.
///
/// Decisions of one image depend on each other, which is why resampling draws images.
package struct Decisions: Sendable {
  /// The decisions; sums are taken in this order.
  package let entries: [Decision]
  /// The number of images, also those without decisions.
  package let imageCount: Int
  /// Names of the group indices.
  package let groupNames: [String]
  /// What the model says about its uncertainty besides the score.
  package let measures: [UncertaintyScore]

  /// The decisions on images.
  ///
  /// - Parameters:
  ///   - entries: Each with an image, a group and as many uncertainties as there are measures.
  ///   - imageCount: The number of images, also those without decisions.
  ///   - groupNames: Names of the group indices.
  ///   - measures: What the uncertainties are; none that is combined of others.
  package init(
    _ entries: [Decision], imageCount: Int, groupNames: [String],
    measures: [UncertaintyScore] = []
  ) {
    precondition(
      entries.allSatisfy {
        (0..<imageCount).contains($0.image) && groupNames.indices.contains($0.group)
          && $0.uncertainties.count == measures.count
      }, "a decision of no image or group, or without its uncertainties")
    self.entries = entries
    self.imageCount = imageCount
    self.groupNames = groupNames
    self.measures = measures
  }

  /// How many there are.
  package var count: Int { entries.count }

  /// Whether every score is a probability.
  package var hasProbabilities: Bool { entries.allSatisfy { (0...1).contains($0.score) } }

  /// Those that a condition holds for, in their order; the images stay.
  package func filtered(_ isKept: (Decision) -> Bool) -> Decisions {
    Decisions(
      entries.filter(isKept), imageCount: imageCount, groupNames: groupNames, measures: measures)
  }

  /// The entries of every group, in their order.
  var byGroup: [[Decision]] {
    var groups = [[Decision]](repeating: [], count: groupNames.count)
    for entry in entries { groups[entry.group].append(entry) }
    return groups
  }
}
