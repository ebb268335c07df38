/// Localisation-aware expected calibration error, LaECE.
///
/// Oksuz and others 2023, arXiv 2307.00934:
///
///     LaECE_c = Σ_b |B_b| / N_c · |confidence(b) − precision(b) · IoU(b)|
///
/// with IoU(b) the mean over the right detections of the bin, so that a confidence has to promise
/// the box as well as the class. The mean over classes with detections is the value.
package struct LocalizationCalibrationError: ImageStatistic {
  /// The number of images.
  package let imageCount: Int
  private let binCount: Int
  private let classes: [[BinnedDetection]]

  /// The detections of every class in bins of equal width.
  ///
  /// - Parameters:
  ///   - matched: Detections whose confidence is a probability.
  ///   - binCount: Bins over 0...1, at least 1.
  package init(_ matched: MatchedDetections, binCount: Int = 25) {
    precondition(binCount > 0, "no bins")
    imageCount = matched.imageCount
    self.binCount = binCount
    classes = matched.classes.map { entry in
      entry.matches.map { BinnedDetection($0, binCount: binCount) }
    }
  }

  /// The mean and then each class.
  package var valueCount: Int { 1 + classes.count }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    let values = classes.map {
      BinSums($0, binCount: binCount, weights).localizationAwareError()
    }
    return [mean(values)] + values
  }

  /// The mean over classes, 0...1; nil without detections.
  package var value: Double? { values[0] }
}
