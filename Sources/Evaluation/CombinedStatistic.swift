/// Several statistics of the same images, resampled together.
public struct CombinedStatistic: ImageStatistic {
  private let parts: [any ImageStatistic]
  public let imageCount: Int

  /// The statistics' values one after the other.
  public init(_ parts: [any ImageStatistic], imageCount: Int) {
    precondition(
      parts.allSatisfy { $0.imageCount == imageCount }, "the statistics are of different images")
    self.parts = parts
    self.imageCount = imageCount
  }

  public var valueCount: Int { parts.reduce(0) { $0 + $1.valueCount } }

  public func values(_ weights: ImageWeights) -> [Double?] {
    parts.flatMap { $0.values(weights) }
  }
}
