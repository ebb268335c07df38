/// Calibration errors of a classifier beside ECE in bins of equal width.
package enum ClassCalibration {
  /// ECE of the largest probability in bins of equal numbers of images.
  ///
  /// Nguyen and O'Connor 2015, "adaptive". Equal probabilities may end in different bins.
  ///
  /// - Returns: 0...1; nil without images.
  package static func adaptive(_ images: [ClassifiedImage], binCount: Int = 15) -> Double? {
    guard !images.isEmpty else { return nil }
    let answers = images.map { image in
      (confidence: Double(image.probabilities[image.answer]), isRight: image.rank == 0)
    }
    let order = answers.indices.sorted {
      answers[$0].confidence != answers[$1].confidence
        ? answers[$0].confidence < answers[$1].confidence : $0 < $1
    }
    var sum = 0.0
    for bin in 0..<binCount {
      let members = order[(bin * order.count / binCount)..<((bin + 1) * order.count / binCount)]
      let gap = members.reduce(0.0) {
        $0 + answers[$1].confidence - (answers[$1].isRight ? 1 : 0)
      }
      sum += abs(gap)
    }
    return sum / Double(images.count)
  }

  /// The mean over classes of the ECE of their probabilities in bins of equal width.
  ///
  /// Right is "it is this class" (Nixon and others 2019, "classwise").
  ///
  /// - Returns: 0...1; nil without images.
  package static func classwise(_ images: [ClassifiedImage], binCount: Int = 15) -> Double? {
    guard let first = images.first else { return nil }
    let classCount = first.probabilities.count
    var gaps = [Double](repeating: 0, count: classCount * binCount)
    for image in images {
      for (index, p) in image.probabilities.enumerated() {
        let bin = BinnedDecision.index(Double(p), binCount: binCount)
        gaps[index * binCount + bin] += Double(p) - (index == image.label ? 1 : 0)
      }
    }
    return gaps.reduce(0) { $0 + abs($1) } / Double(images.count * classCount)
  }
}
