package import Compute

/// COCO's numbers, for resampling: the twelve, then AP of each class.
///
/// What was found at which threshold is settled within an image, so a resample needs no new matching.
package struct COCOStatistic: ImageStatistic {
  /// The number of images.
  package let imageCount: Int
  private let rankings: [COCORanking]

  /// The statistic of an evaluation.
  package init(_ evaluation: COCOEvaluation) {
    imageCount = evaluation.imageCount
    rankings = evaluation.rankings
  }

  /// Twelve, and one per class.
  package var valueCount: Int { COCOEvaluation.Number.allCases.count + rankings.count }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    let classes = weights.counts.withUnsafeBufferPointer { counts in
      rankings.map { $0.summary(counts) }
    }
    let summary = COCOEvaluation.Summary(meanOf: classes)
    return COCOEvaluation.Number.allCases.map { summary[$0] } + classes.map(\.ap)
  }
}

/// COCO's numbers with intervals.
package struct COCOEstimate: Sendable {
  /// The number of resamples behind the intervals.
  package let draws: Int
  private let numbers: [Estimate]
  /// AP per class name, in their order.
  package let classes: [Estimate]

  /// One of the twelve numbers.
  package subscript(_ number: COCOEvaluation.Number) -> Estimate {
    numbers[COCOEvaluation.Number.allCases.firstIndex(of: number) ?? 0]
  }

  init(_ flat: [Estimate], draws: Int) {
    let count = COCOEvaluation.Number.allCases.count
    self.draws = draws
    numbers = Array(flat[..<count])
    classes = Array(flat[count...])
  }
}

extension Bootstrap {
  /// COCO's numbers with intervals over images.
  ///
  /// - Parameters:
  ///   - evaluation: What to resample.
  ///   - pool: Threads to draw on.
  /// - Returns: Every number with its interval.
  package func estimate(of evaluation: COCOEvaluation, pool: ThreadPool? = nil) -> COCOEstimate {
    COCOEstimate(estimates(of: COCOStatistic(evaluation), pool: pool), draws: draws)
  }

  /// How two detectors differ in COCO's AP on the same images.
  ///
  /// - Parameters:
  ///   - first: Every image with the first detector's detections.
  ///   - second: The same images, in any order, with the second's.
  ///   - classNames: Names of the class indices of both.
  ///   - pool: Threads to draw on.
  /// - Returns: Second minus first.
  /// - Throws: ``EvaluationError/differentImages(_:)`` if the two are not of the same images;
  ///   otherwise as an evaluation.
  package func cocoDifference(
    from first: [EvaluatedImage], to second: [EvaluatedImage], classNames: [String],
    pool: ThreadPool? = nil
  ) throws -> AveragePrecisionDifference {
    let both = [first, try EvaluatedImage.aligned(second, with: first)]
    let statistics = try both.map {
      COCOStatistic(try COCOEvaluation(images: $0, classNames: classNames, pool: pool))
    }
    let flat = differences(from: statistics[0], to: statistics[1], pool: pool)
    return AveragePrecisionDifference(
      rule: nil, mean: flat[0], classes: Array(flat[COCOEvaluation.Number.allCases.count...]))
  }
}
