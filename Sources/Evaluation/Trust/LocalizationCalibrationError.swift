/// Localisation-aware expected calibration error, LaECE.
///
/// Oksuz and others 2023, arXiv 2307.00934:
///
///     LaECE_c = Σ_b |B_b| / N_c · |confidence(b) − precision(b) · IoU(b)|
///
/// with IoU(b) the mean over the right detections of the bin, so that a confidence has to promise
/// the box as well as the class. For other decisions their quality takes the place of the IoU. The
/// mean over groups with decisions is the value.
package struct LocalizationCalibrationError: ImageStatistic {
  /// The number of images.
  package let imageCount: Int
  private let binCount: Int
  private let groups: [[BinnedDecision]]

  /// The decisions of every group in bins of equal width.
  ///
  /// - Parameters:
  ///   - decisions: Those whose score is a probability.
  ///   - binCount: Bins over 0...1, at least 1.
  package init(_ decisions: Decisions, binCount: Int = 25) {
    precondition(binCount > 0, "no bins")
    imageCount = decisions.imageCount
    self.binCount = binCount
    groups = decisions.byGroup.map { entries in
      entries.map { BinnedDecision($0, binCount: binCount) }
    }
  }

  /// The mean and then each group.
  package var valueCount: Int { 1 + groups.count }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    let values = groups.map {
      BinSums($0, binCount: binCount, weights).qualityAwareError()
    }
    return [mean(values)] + values
  }

  /// The mean over groups, 0...1; nil without decisions.
  package var value: Double? { values[0] }
}
