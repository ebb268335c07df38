/// The LRP error at its best threshold, oLRP.
///
/// Oksuz and others 2018, arXiv 1807.01696, and 2020, arXiv 2011.10772:
///
///     LRP(s) = (Σ_TP (1 − IoU) / (1 − τ) + N_FP + N_FN) / (N_TP + N_FP + N_FN)
///
/// over the detections with confidence ≥ s; oLRP is its minimum over s. It is 0 for perfect boxes
/// without a miss and 1 if nothing is found. Detections of difficult objects do not count.
package struct LocalizationRecallPrecision: ImageStatistic {
  /// The best threshold of a class and the parts of the error there.
  package struct Optimum: Hashable, Sendable {
    /// oLRP, 0...1.
    package let error: Double
    /// The smallest confidence that is kept there; nil if keeping nothing is best.
    package let threshold: Float?
    /// The mean of 1 − IoU over right detections, nil without one.
    package let localization: Double?
    /// The share of wrong detections, nil without detections.
    package let falsePositives: Double?
    /// The share of objects that are missed.
    package let falseNegatives: Double
  }

  /// The number of images.
  package let imageCount: Int
  private let threshold: Double
  private let classes: [ClassTable]

  private struct ClassTable: Sendable {
    let matches: [DetectionMatch]
    let objectImages: [Int]
  }

  /// The errors of every class; the matcher's threshold, below 1, is τ.
  package init(_ matched: MatchedDetections) {
    imageCount = matched.imageCount
    threshold = matched.matcher.threshold
    classes = matched.classes.map {
      ClassTable(matches: $0.matches, objectImages: $0.objectImages)
    }
  }

  /// The means over classes with objects of oLRP and its parts localisation, false positives and
  /// false negatives, then oLRP of each class.
  package var valueCount: Int { 4 + classes.count }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    let optima = classes.map { optimum($0, weights) }
    return [
      mean(optima.map { $0?.error }), mean(optima.map { $0?.localization }),
      mean(optima.map { $0?.falsePositives }), mean(optima.map { $0?.falseNegatives }),
    ] + optima.map { $0?.error }
  }

  /// The best threshold of every class, nil for a class without objects.
  package var optima: [Optimum?] {
    let weights = ImageWeights.once(imageCount: imageCount)
    return classes.map { optimum($0, weights) }
  }

  private func optimum(_ table: ClassTable, _ weights: ImageWeights) -> Optimum? {
    var objects = 0
    for image in table.objectImages { objects += weights[image] }
    guard objects > 0 else { return nil }
    var right = 0
    var wrong = 0
    var distance = 0.0
    // Keeping nothing misses every object: the error is 1.
    var best = (error: 1.0, last: -1, right: 0, wrong: 0, distance: 0.0)
    for (index, match) in table.matches.enumerated() {
      let count = weights[match.imageIndex]
      if match.isWrong {
        wrong += count
      } else {
        right += count
        distance += Double(count) * (1 - match.overlap)
      }
      // A threshold keeps or drops detections of equal confidence together.
      let next = index + 1
      if next < table.matches.count, table.matches[next].confidence == match.confidence {
        continue
      }
      let error =
        (distance / (1 - threshold) + Double(wrong) + Double(objects - right))
        / Double(objects + wrong)
      if error < best.error { best = (error, index, right, wrong, distance) }
    }
    return Optimum(
      error: best.error, threshold: best.last < 0 ? nil : table.matches[best.last].confidence,
      localization: best.right > 0 ? best.distance / Double(best.right) : nil,
      falsePositives: best.right + best.wrong > 0
        ? Double(best.wrong) / Double(best.right + best.wrong) : nil,
      falseNegatives: Double(objects - best.right) / Double(objects))
  }
}
