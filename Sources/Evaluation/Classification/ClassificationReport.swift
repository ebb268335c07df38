package import Compute
import Foundation

/// How good a classifier is on a split, and how far it can be trusted, in numbers with intervals over
/// images.
package struct ClassificationReport: Sendable {
  /// A number with its interval, by the name that scripts know.
  package struct Figure: Sendable {
    /// Such as `top1`.
    package let key: String
    /// As people call it.
    package let title: String
    /// The number.
    package let estimate: Estimate
    /// Whether people read it in per cent.
    package let isShare: Bool
  }

  /// How well a score tells one kind of images from another.
  package struct Telling: Sendable {
    /// The score, larger for the images that are to be told.
    package let score: UncertaintyScore
    /// The probability that one of the others has a smaller score, 0...1.
    package let areaUnderROC: Estimate
    /// Average precision of finding them, 0...1.
    package let areaUnderPrecisionRecall: Estimate
    /// The share of them that pass where 95 % of the others do, 0...1.
    package let passing: Estimate
    /// The mean share of them among the k most certain images, over k; 0...1.
    package let areaUnderRiskCoverage: Estimate
  }

  /// Images of one class that were taken for another.
  package struct Confusion: Hashable, Sendable {
    /// Index of the images' class.
    package let label: Int
    /// Index of the class that was answered.
    package let answer: Int
    /// How many there are.
    package let count: Int
  }

  /// Names of the class indices.
  package let classNames: [String]
  /// The number of images.
  package let imageCount: Int
  /// Accuracy and calibration.
  package let figures: [Figure]
  /// One row a class.
  package let classes: [ClassAccuracy.Row]
  /// By class of the images, then class that was answered: how many.
  package let confusion: [[Int]]
  /// How well scores tell wrong answers from right ones.
  package let wrongAnswers: [Telling]
  /// How well scores tell images of something else from those of the split; nil if none were given.
  package var unknownImages: (count: Int, place: String, telling: [Telling])?
  /// Choices to be named beside the numbers.
  package var settings: [EvaluationReport.Setting] = []
  /// What stands behind the numbers without being wrong.
  package var notes: [String] = []
  /// Images that could not be read; no number is about them.
  package var unreadableImages = 0

  private let decisions: Decisions

  /// Computes every number.
  ///
  /// - Parameters:
  ///   - images: Every image of the split, at least one; `uncertainties` is empty or the mutual
  ///     information of class and weights in bits.
  ///   - classNames: Names of the class indices.
  ///   - bootstrap: How intervals are made; none without.
  ///   - pool: Threads to draw on; nil for the caller's alone.
  package init(
    _ images: [ClassifiedImage], classNames: [String], bootstrap: Bootstrap? = nil,
    pool: ThreadPool? = nil
  ) {
    self.classNames = classNames
    imageCount = images.count
    let measures = Self.measures(images)
    decisions = Decisions(
      images.map { $0.withScores() }, classNames: classNames, measures: measures)
    let scores = ClassificationScores(images, classNames: classNames)
    let accuracy = ClassAccuracy(images, classCount: classNames.count)
    let values = Bootstrap.estimates(
      of: CombinedStatistic([scores, accuracy], imageCount: images.count), bootstrap, pool: pool)
    let numbers = Dictionary(
      uniqueKeysWithValues: zip(ClassificationScores.Number.allCases, values))
    func number(
      _ number: ClassificationScores.Number, _ title: String, isShare: Bool = true
    ) -> Figure {
      Figure(
        key: number.rawValue, title: title,
        estimate: numbers[number] ?? Estimate(value: nil, interval: nil), isShare: isShare)
    }
    func plain(_ key: String, _ title: String, _ value: Double?) -> Figure {
      Figure(
        key: key, title: title, estimate: Estimate(value: value, interval: nil), isShare: true)
    }
    let means = values.suffix(2)
    figures =
      [number(.top1, "top-1")] + (classNames.count > 5 ? [number(.top5, "top-5")] : []) + [
        Figure(
          key: "balancedAccuracy", title: "balanced", estimate: means[means.startIndex],
          isShare: true),
        Figure(
          key: "macroF1", title: "mean F1", estimate: means[means.startIndex + 1], isShare: true),
        number(.ece15, "ECE"), plain("adaptiveECE", "adaptive", ClassCalibration.adaptive(images)),
        plain("classwiseECE", "classwise", ClassCalibration.classwise(images)),
        number(.nll, "NLL", isShare: false), number(.brier, "Brier", isShare: false),
      ]
    classes = accuracy.rows
    var confusion = [[Int]](
      repeating: [Int](repeating: 0, count: classNames.count), count: classNames.count)
    for image in images { confusion[image.label][image.answer] += 1 }
    self.confusion = confusion
    wrongAnswers = Self.telling(decisions, bootstrap, pool)
  }

  /// Adds how well scores tell images of something else.
  ///
  /// - Parameters:
  ///   - images: Images of none of the classes; their labels mean nothing.
  ///   - known: The images of the report.
  ///   - place: Where they lie.
  ///   - bootstrap: Draws of both kinds together.
  ///   - pool: Threads to draw on.
  package mutating func add(
    unknown images: [ClassifiedImage], beside known: [ClassifiedImage], place: String,
    bootstrap: Bootstrap? = nil, pool: ThreadPool? = nil
  ) {
    let all = (known + images).enumerated().map { index, image in
      let scored = image.withScores()
      return Decision(
        image: index, group: scored.answer, score: scored.probabilities[scored.answer],
        uncertainties: scored.uncertainties, isRight: index < known.count)
    }
    let decisions = Decisions(
      all, imageCount: all.count, groupNames: classNames, measures: Self.measures(known))
    unknownImages = (images.count, place, Self.telling(decisions, bootstrap, pool))
  }

  /// The most frequent confusions, of equal ones those of the first classes.
  package func confusions(limit: Int) -> [Confusion] {
    var found: [Confusion] = []
    for (label, row) in confusion.enumerated() {
      for (answer, count) in row.enumerated() where answer != label && count > 0 {
        found.append(Confusion(label: label, answer: answer, count: count))
      }
    }
    return Array(
      found.sorted { $0.count != $1.count ? $0.count > $1.count : false }.prefix(limit))
  }

  /// Bins of a reliability diagram.
  package var reliability: [CalibrationError.Bin] {
    CalibrationError(decisions, binCount: 15).bins
  }

  /// The share of wrong answers among the most certain ones, by score.
  package var riskCoverage: [(score: UncertaintyScore, curve: RiskCoverage)] {
    ([.confidence] + decisions.measures).compactMap { score in
      RiskCoverage(decisions, score: score).map { (score, $0) }
    }
  }

  private static func measures(_ images: [ClassifiedImage]) -> [UncertaintyScore] {
    [.entropy, .margin] + ClassifiedImage.measures(of: images)
  }

  private static func telling(
    _ decisions: Decisions, _ bootstrap: Bootstrap?, _ pool: ThreadPool?
  ) -> [Telling] {
    let scores = ([.confidence] + decisions.measures).compactMap { score in
      decisions.values(of: score).map { (score: score, values: $0) }
    }
    let parts: [any ImageStatistic] = scores.flatMap { entry -> [any ImageStatistic] in
      [
        ErrorDetection(decisions, scores: entry.values),
        FalsePositiveRate(decisions, scores: entry.values),
      ]
    }
    let values = Bootstrap.estimates(
      of: CombinedStatistic(parts, imageCount: decisions.imageCount), bootstrap, pool: pool)
    return scores.enumerated().map { index, entry in
      let own = Array(values[(5 * index)..<(5 * index + 5)])
      return Telling(
        score: entry.score, areaUnderROC: own[0], areaUnderPrecisionRecall: own[1],
        passing: own[4], areaUnderRiskCoverage: own[2])
    }
  }
}
