import Compute

/// How often each image of a sample counts: once in the data, any number of times in a resample.
package struct ImageWeights: Sendable, Hashable {
  /// One non-negative count per image.
  package let counts: [Int32]

  /// Counts that the caller chose, none negative.
  package init(_ counts: [Int32]) { self.counts = counts }

  /// Every image once.
  package static func once(imageCount: Int) -> ImageWeights {
    ImageWeights([Int32](repeating: 1, count: imageCount))
  }

  /// As many images as there are, drawn with replacement.
  init(drawnFrom imageCount: Int, using stream: inout RandomStream) {
    var counts = [Int32](repeating: 0, count: imageCount)
    for _ in 0..<imageCount {
      // The high word of the product is uniform up to 2⁻⁶⁴ · imageCount.
      counts[Int(stream.next().multipliedFullWidth(by: UInt64(imageCount)).high)] += 1
    }
    self.counts = counts
  }

  /// How often an image counts.
  subscript(image: Int) -> Int { Int(counts[image]) }
}

/// Numbers that depend on a sample of images, prepared so that resampling is cheap.
package protocol ImageStatistic: Sendable {
  /// The number of images that the weights must have.
  var imageCount: Int { get }
  /// The number of values.
  var valueCount: Int { get }
  /// The values of the sample in which image i occurs `weights.counts[i]` times, nil where undefined.
  func values(_ weights: ImageWeights) -> [Double?]
  /// What a value can be; 0...1 unless stated otherwise.
  func range(ofValue index: Int) -> ClosedRange<Double>
}

extension ImageStatistic {
  /// What a value can be: 0...1.
  package func range(ofValue index: Int) -> ClosedRange<Double> { 0...1 }

  /// The values of the data themselves.
  package var values: [Double?] { values(.once(imageCount: imageCount)) }
}
