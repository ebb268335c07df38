/// The numbers that a classifier is judged by.
package struct ClassificationScores: ImageStatistic {
  /// The numbers by the names that scripts know; their order is that of ``values(_:)``.
  package enum Number: String, Sendable, CaseIterable {
    /// The share of images whose most probable class is right.
    case top1
    /// The share whose class is among the five most probable.
    case top5
    /// ECE of the largest probability in 15 bins of equal width (Guo and others 2017), 0...1.
    case ece15
    /// −mean of log p of the image's class, in nats, p taken as at least the smallest normal Float; of
    /// classes that do not exclude each other summed over the yes and no of all.
    case nll
    /// Mean of Σ_k (p_k − y_k)², y being 1 for the image's class; 0...2 (Brier 1950), 0...L of classes
    /// that do not exclude each other.
    case brier
    /// AUROC of wrong answers by one minus the largest probability.
    case aurocConfidence
    /// AUROC of wrong answers by the model's uncertainty; undefined without.
    case aurocUncertainty
  }

  /// The number of images.
  package let imageCount: Int
  private let rows: [Row]
  private let largestBrier: Double
  private let calibration: CalibrationError
  private let byConfidence: ErrorDetection?
  private let byUncertainty: ErrorDetection?

  private struct Row: Sendable {
    let isRight: Bool
    let isAmongFive: Bool
    let surprise: Double
    let brier: Double
  }

  /// From what a classifier says about images.
  ///
  /// - Parameters:
  ///   - images: Every image of the split.
  ///   - classNames: Names of the class indices.
  ///   - measures: What the images' uncertainties are; nil: BALD, if there are any.
  ///   - uncertainty: The score of ``Number/aurocUncertainty``.
  package init(
    _ images: [ClassifiedImage], classNames: [String], measures: [UncertaintyScore]? = nil,
    uncertainty: UncertaintyScore = .bald
  ) {
    let measures = measures ?? ClassifiedImage.measures(of: images)
    let decisions = Decisions(images, classNames: classNames, measures: measures)
    imageCount = images.count
    calibration = CalibrationError(decisions, binCount: 15)
    byConfidence = ErrorDetection(decisions, score: .confidence)
    byUncertainty =
      measures.isEmpty ? nil : ErrorDetection(decisions, score: uncertainty)
    rows = images.map { image in
      let brier = image.probabilities.indices.reduce(0.0) { sum, index in
        let gap = Double(image.probabilities[index]) - (index == image.label ? 1 : 0)
        return sum + gap * gap
      }
      let rank = image.rank
      return Row(
        isRight: rank == 0, isAmongFive: rank < 5, surprise: image.surprise, brier: brier)
    }
    largestBrier = images.allSatisfy(\.isExclusive) ? 2 : Double(classNames.count)
  }

  /// One value per ``Number``.
  package var valueCount: Int { Number.allCases.count }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    var count = 0
    var sums = (right: 0, five: 0, surprise: 0.0, brier: 0.0)
    for (index, row) in rows.enumerated() {
      let weight = weights[index]
      count += weight
      if row.isRight { sums.right += weight }
      if row.isAmongFive { sums.five += weight }
      sums.surprise += Double(weight) * row.surprise
      sums.brier += Double(weight) * row.brier
    }
    func mean(_ sum: Double) -> Double? { count > 0 ? sum / Double(count) : nil }
    return [
      mean(Double(sums.right)), mean(Double(sums.five)), calibration.values(weights)[0],
      mean(sums.surprise), mean(sums.brier), byConfidence?.values(weights)[0],
      byUncertainty?.values(weights)[0],
    ]
  }

  /// What a value can be.
  package func range(ofValue index: Int) -> ClosedRange<Double> {
    switch Number.allCases[index] {
    case .nll: 0...(.infinity)
    case .brier: 0...largestBrier
    case .top1, .top5, .ece15, .aurocConfidence, .aurocUncertainty: 0...1
    }
  }

  /// One of the numbers; nil without images, an AUROC also unless there are right and wrong answers.
  package subscript(_ number: Number) -> Double? {
    Number.allCases.firstIndex(of: number).flatMap { values[$0] }
  }
}
