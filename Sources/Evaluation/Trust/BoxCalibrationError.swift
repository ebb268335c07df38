import Detection
import Geometry

/// D-ECE with bins over confidence and box.
///
/// Does the confidence mean the same in the middle and at
/// the border, for small and large boxes?
///
/// Küppers and others 2020, arXiv 2004.13546.
///
/// Each of confidence, centre x, centre y, width and height, the last four as shares of the image,
/// is cut into bins of equal width. Bins with few detections say nothing and are left out.
package struct BoxCalibrationError: ImageStatistic {
  /// What a detection is sorted by, besides its confidence.
  package enum Feature: String, Sendable, CaseIterable {
    /// Horizontal position of the centre.
    case centerX
    /// Vertical position of the centre.
    case centerY
    /// Width.
    case width
    /// Height.
    case height
  }

  /// The number of images.
  package let imageCount: Int
  /// Bins of smaller count are left out.
  package let minimumCount: Int
  private let binCount: Int
  private let entries: [BinnedDecision]

  /// The detections of all classes; nil if the size of an image with detections is unknown.
  ///
  /// - Parameters:
  ///   - matched: Detections whose confidence is a probability.
  ///   - images: The images that they are of.
  ///   - features: What to sort by besides the confidence.
  ///   - binCount: Bins of each feature and of the confidence.
  ///   - minimumCount: The smallest bin that counts.
  package init?(
    _ matched: MatchedDetections, images: [EvaluatedImage],
    features: [Feature] = Feature.allCases, binCount: Int = 5, minimumCount: Int = 8
  ) {
    precondition(binCount > 0, "no bins")
    var places: [Int: Int] = [:]
    var entries: [BinnedDecision] = []
    for decision in matched.decisions.entries {
      let image = images[decision.image]
      guard let size = image.size else { return nil }
      let box = image.detections[decision.unit].box
      var cell = BinnedDecision.index(Double(decision.score), binCount: binCount)
      for feature in features {
        let share = feature.share(of: box, in: size)
        cell = cell * binCount + BinnedDecision.index(share, binCount: binCount)
      }
      // Few of the many cells are filled: they are numbered as they come.
      let bin = places[cell] ?? places.count
      places[cell] = bin
      entries.append(BinnedDecision(decision, bin: bin))
    }
    imageCount = matched.imageCount
    self.minimumCount = minimumCount
    self.binCount = max(places.count, 1)
    self.entries = entries
  }

  /// The number of values.
  package var valueCount: Int { 1 }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    [
      BinSums(entries, binCount: binCount, weights)
        .calibrationError(minimumCount: minimumCount)
    ]
  }

  /// The error over the detections in bins that count, 0...1; nil if there are none.
  package var value: Double? { values[0] }
}

extension BoxCalibrationError.Feature {
  /// The feature as a share of the image.
  fileprivate func share(of box: Box, in size: EvaluatedImage.Size) -> Double {
    switch self {
    case .centerX: Double(box.centerX) / Double(size.width)
    case .centerY: Double(box.centerY) / Double(size.height)
    case .width: Double(box.width) / Double(size.width)
    case .height: Double(box.height) / Double(size.height)
    }
  }
}
