import Foundation

/// What a classifier says about an image, with the class that it is of.
package struct ClassifiedImage: Sendable, Hashable {
  /// Probabilities of the classes, adding up to 1 if they exclude each other.
  package let probabilities: [Float]
  /// Whether one class excludes the others; if not, each probability is that of a yes or a no.
  package let isExclusive: Bool
  /// Index of the image's class.
  package let label: Int
  /// What the model says about its uncertainty, in the order that the caller names; each larger for a
  /// less certain answer.
  package let uncertainties: [Double]

  /// An answer; at least one class, the label among them.
  package init(
    probabilities: [Float], label: Int, uncertainties: [Double] = [], isExclusive: Bool = true
  ) {
    precondition(probabilities.indices.contains(label), "class \(label) of \(probabilities.count)")
    self.probabilities = probabilities
    self.label = label
    self.uncertainties = uncertainties
    self.isExclusive = isExclusive
  }

  /// Index of the most probable class, the first of equal ones.
  package var answer: Int {
    probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
  }

  /// How many classes come before the image's own, by probability, then by index.
  package var rank: Int {
    let own = probabilities[label]
    return probabilities.indices.count {
      probabilities[$0] > own || probabilities[$0] == own && $0 < label
    }
  }
}

extension ClassifiedImage {
  /// The entropy of the probabilities in bits; of classes that do not exclude each other the sum over
  /// their yes and no.
  package var entropy: Double {
    func part(_ p: Double) -> Double { p > 0 ? -p * log2(p) : 0 }
    return probabilities.reduce(0) { sum, p in
      sum + part(Double(p)) + (isExclusive ? 0 : part(1 - Double(p)))
    }
  }

  /// −log of the probability of what is so, in nats.
  ///
  /// That of the image's class, and unless it excludes the others also that of each other's no.
  /// Probabilities count as at least the smallest normal Float.
  var surprise: Double {
    func part(_ p: Float) -> Double { -log(Double(max(p, .leastNormalMagnitude))) }
    let own = part(probabilities[label])
    guard !isExclusive else { return own }
    return probabilities.indices.reduce(own) { $1 == label ? $0 : $0 + part(1 - probabilities[$1]) }
  }

  /// One minus what the most probable class is ahead of the next, 0...1; 0 for a single class.
  package var narrowness: Double {
    var (first, second) = (Float(0), Float(0))
    for p in probabilities {
      if p > first { (first, second) = (p, first) } else if p > second { second = p }
    }
    return 1 - Double(first - second)
  }

  /// What the uncertainties of a classifier's images are: nothing, or BALD.
  static func measures(of images: [ClassifiedImage]) -> [UncertaintyScore] {
    images.first?.uncertainties.isEmpty == false ? [.bald] : []
  }

  /// The same with entropy and ``narrowness`` before the model's own uncertainties.
  func withScores() -> ClassifiedImage {
    ClassifiedImage(
      probabilities: probabilities, label: label,
      uncertainties: [entropy, narrowness] + uncertainties, isExclusive: isExclusive)
  }
}

extension Decisions {
  /// The decisions of a classifier, one an image: its most probable class and that probability.
  ///
  /// - Parameters:
  ///   - images: Every image of the split.
  ///   - classNames: Names of the class indices.
  ///   - measures: What the images' uncertainties are.
  package init(
    _ images: [ClassifiedImage], classNames: [String], measures: [UncertaintyScore] = []
  ) {
    let entries = images.enumerated().map { index, image in
      Decision(
        image: index, group: image.answer, score: image.probabilities[image.answer],
        uncertainties: image.uncertainties, isRight: image.answer == image.label)
    }
    self.init(
      entries, imageCount: images.count, groupNames: classNames, measures: measures)
  }
}
