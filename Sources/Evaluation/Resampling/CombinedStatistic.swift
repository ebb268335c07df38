/// Several statistics of the same images, resampled together.
package struct CombinedStatistic: ImageStatistic {
  private let parts: [any ImageStatistic]
  /// The number of images.
  package let imageCount: Int

  /// The statistics' values one after the other.
  package init(_ parts: [any ImageStatistic], imageCount: Int) {
    precondition(
      parts.allSatisfy { $0.imageCount == imageCount }, "the statistics are of different images")
    self.parts = parts
    self.imageCount = imageCount
  }

  /// The number of values.
  package var valueCount: Int { parts.reduce(0) { $0 + $1.valueCount } }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    parts.flatMap { $0.values(weights) }
  }

  /// What a value can be.
  package func range(ofValue index: Int) -> ClosedRange<Double> {
    var index = index
    for part in parts {
      if index < part.valueCount { return part.range(ofValue: index) }
      index -= part.valueCount
    }
    preconditionFailure("there is no value \(index)")
  }
}
