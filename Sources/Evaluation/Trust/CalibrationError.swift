/// Expected calibration error, ECE; of detections D-ECE.
///
/// Naeini and others 2015, for detections Küppers and others 2020, arXiv 2004.13546:
///
///     ECE = Σ_b |B_b| / N · |precision(b) − confidence(b)|
///
/// with bins over the confidence, both means taken over the bin. A detector's depends on which
/// detections were kept: name the confidence floor beside it.
package struct CalibrationError: ImageStatistic {
  /// One bin of a reliability diagram.
  package struct Bin: Hashable, Sendable {
    /// The confidences that it holds, the upper end in the last bin only.
    package let range: ClosedRange<Double>
    /// The number of decisions.
    package let count: Int
    /// Their mean confidence, nil for an empty bin.
    package let confidence: Double?
    /// The share of right ones, nil for an empty bin.
    package let precision: Double?
  }

  /// The number of images.
  package let imageCount: Int
  /// The number of bins.
  package let binCount: Int
  private let entries: [BinnedDecision]

  /// The decisions of all groups in bins of equal width.
  ///
  /// - Parameters:
  ///   - decisions: Those whose score is a probability.
  ///   - binCount: Bins over 0...1, at least 1.
  package init(_ decisions: Decisions, binCount: Int = 10) {
    precondition(binCount > 0, "no bins")
    imageCount = decisions.imageCount
    self.binCount = binCount
    entries = decisions.entries.map { BinnedDecision($0, binCount: binCount) }
  }

  /// The number of values.
  package var valueCount: Int { 1 }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    [BinSums(entries, binCount: binCount, weights).calibrationError()]
  }

  /// ECE in 0...1; nil without decisions.
  package var value: Double? { values[0] }

  /// The bins, by ascending confidence.
  package var bins: [Bin] {
    let sums = BinSums(entries, binCount: binCount, .once(imageCount: imageCount))
    return sums.bins.enumerated().map { index, bin in
      let lower = Double(index) / Double(binCount)
      let upper = Double(index + 1) / Double(binCount)
      return Bin(
        range: lower...upper, count: bin.count, confidence: bin.mean(\.confidence),
        precision: bin.mean(\.right))
    }
  }
}

/// A decision's bin and what is summed over it.
struct BinnedDecision: Sendable {
  let image: Int32
  let bin: Int32
  let confidence: Double
  let right: Double
  /// How good a right decision is, 0 of a wrong one.
  let quality: Double

  init(_ decision: Decision, binCount: Int) {
    self.init(decision, bin: Self.index(Double(decision.score), binCount: binCount))
  }

  init(_ decision: Decision, bin: Int) {
    image = Int32(decision.image)
    self.bin = Int32(bin)
    confidence = Double(decision.score)
    right = decision.isRight ? 1 : 0
    quality = decision.quality
  }

  /// The bin [k/n, (k+1)/n) of a value; what lies beyond the ends belongs to the end bins.
  static func index(_ value: Double, binCount: Int) -> Int {
    min(max(Int((value * Double(binCount)).rounded(.down)), 0), binCount - 1)
  }
}

/// Sums over bins.
struct BinSums {
  struct Bin {
    var count = 0
    var confidence = 0.0
    var right = 0.0
    var quality = 0.0

    func mean(_ sum: KeyPath<Bin, Double>) -> Double? {
      count > 0 ? self[keyPath: sum] / Double(count) : nil
    }
  }

  private(set) var bins: [Bin]

  init(_ entries: [BinnedDecision], binCount: Int, _ weights: ImageWeights) {
    bins = [Bin](repeating: Bin(), count: binCount)
    for entry in entries {
      let count = weights[Int(entry.image)]
      let index = Int(entry.bin)
      bins[index].count += count
      bins[index].confidence += Double(count) * entry.confidence
      bins[index].right += Double(count) * entry.right
      bins[index].quality += Double(count) * entry.quality
    }
  }

  /// The mean gap between confidence and precision over decisions in bins of some size.
  func calibrationError(minimumCount: Int = 1) -> Double? {
    gap(minimumCount: minimumCount) { $0.right }
  }

  /// The mean gap between confidence and quality, wrong decisions having none.
  func qualityAwareError() -> Double? {
    gap(minimumCount: 1) { $0.quality }
  }

  private func gap(minimumCount: Int, _ target: (Bin) -> Double) -> Double? {
    var total = 0
    var sum = 0.0
    for bin in bins where bin.count >= max(minimumCount, 1) {
      total += bin.count
      sum += abs(target(bin) - bin.confidence)
    }
    return total > 0 ? sum / Double(total) : nil
  }
}
