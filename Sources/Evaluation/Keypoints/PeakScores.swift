package import Keypoints

/// How well peaks find the centres of objects, for resampling.
///
/// Peaks from a threshold on count, but for average precision, which looks at all thresholds. Numbers of
/// all kinds count peaks of all kinds together; their AP is the mean over kinds that have objects.
package struct PeakScores: ImageStatistic {
  /// One of the values of a kind or of all.
  package enum Number: String, Sendable, CaseIterable {
    /// The share of peaks that are objects, 0...1.
    case precision
    /// The share of objects that were found, 0...1.
    case recall
    /// Their harmonic mean, 0...1.
    case f1
    /// Average precision over all thresholds, the area under the curve made monotonic, 0...1.
    case ap
    /// Mean distance of peaks from their objects, pixels of the picture.
    case meanError
    /// Median distance.
    case medianError
    /// Mean over images of how far the number of peaks is from the number of objects.
    case countError
    /// The root of the mean square of that.
    case countDeviation
  }

  /// What the keypoints are.
  package let layout: KeypointLayout
  /// The number of images.
  package let imageCount: Int
  /// Pixels of the network's input.
  package let radius: Double
  /// Peaks of this height and above count.
  package let threshold: Float
  /// Samples in which peaks took the nearest object in order of height.
  package let greedyCount: Int
  private let objectCounts: [[Int]]
  /// By image, then kind.
  private let counts: [[(found: Int, right: Int, distance: Double)]]
  /// Right peaks from the threshold on, by ascending distance.
  private let sorted: [(distance: Double, image: Int32, group: Int32)]
  /// By kind all peaks by falling height: the image, and whether it is right.
  private let ranking: [[(image: Int32, isRight: Bool)]]

  /// The statistic of peaks.
  ///
  /// - Parameters:
  ///   - samples: Every image of the split, also those without peaks.
  ///   - radius: How far a peak may be from its object, pixels of the network's input.
  ///   - threshold: Peaks of this height and above count; choose it on other images.
  /// - Throws: As ``MatchedPeaks/init(_:radius:from:)``.
  package init(_ samples: [JudgedKeypoints], radius: Double, threshold: Float) throws {
    let all = try MatchedPeaks(samples, radius: radius)
    let kept = try MatchedPeaks(samples, radius: radius, from: threshold)
    layout = all.layout
    imageCount = all.imageCount
    self.radius = radius
    self.threshold = threshold
    greedyCount = all.greedyCount
    objectCounts = all.objectCounts
    var counts = [[(found: Int, right: Int, distance: Double)]](
      repeating: Array(repeating: (0, 0, 0), count: all.layout.count), count: all.imageCount)
    for peak in kept.peaks {
      counts[peak.image][peak.group].found += 1
      guard let distance = peak.distance else { continue }
      counts[peak.image][peak.group].right += 1
      counts[peak.image][peak.group].distance += distance
    }
    self.counts = counts
    sorted = kept.peaks.compactMap { peak in
      peak.distance.map { ($0, Int32(peak.image), Int32(peak.group)) }
    }.sorted { $0.distance < $1.distance }
    let ranked = all.peaks.enumerated().sorted {
      $0.element.score != $1.element.score
        ? $0.element.score > $1.element.score : $0.offset < $1.offset
    }.map(\.element)
    ranking = all.layout.names.indices.map { group in
      ranked.filter { $0.group == group }.map { (Int32($0.image), $0.distance != nil) }
    }
  }

  /// For all kinds together and then for each, one per ``Number``.
  package var valueCount: Int { (1 + layout.count) * Number.allCases.count }

  /// What is summed over images.
  private struct Sums {
    var objects = 0
    var found = 0
    var right = 0
    var distance = 0.0
    var absolute = 0
    var square = 0

    mutating func add(
      objects: Int, _ counts: (found: Int, right: Int, distance: Double), times count: Int
    ) {
      self.objects += count * objects
      found += count * counts.found
      right += count * counts.right
      distance += Double(count) * counts.distance
      let gap = counts.found - objects
      absolute += count * abs(gap)
      square += count * gap * gap
    }
  }

  /// The values of a sample of the images; nil where undefined.
  package func values(_ weights: ImageWeights) -> [Double?] {
    let groups = layout.names.indices
    var sums = [Sums](repeating: Sums(), count: 1 + groups.count)
    var images = 0
    for image in 0..<imageCount {
      let count = weights[image]
      guard count > 0 else { continue }
      images += count
      var all = (found: 0, right: 0, distance: 0.0)
      for group in groups {
        let own = counts[image][group]
        sums[1 + group].add(objects: objectCounts[image][group], own, times: count)
        all = (all.found + own.found, all.right + own.right, all.distance + own.distance)
      }
      sums[0].add(objects: objectCounts[image].reduce(0, +), all, times: count)
    }
    var medians = sums.map { WeightedMedian(total: $0.right) }
    for entry in sorted {
      let count = weights[Int(entry.image)]
      guard count > 0 else { continue }
      medians[0].add(entry.distance, times: count)
      medians[1 + Int(entry.group)].add(entry.distance, times: count)
    }
    let precisions = groups.map { averagePrecision($0, weights, objects: sums[1 + $0].objects) }
    return sums.indices.flatMap { index -> [Double?] in
      let own = sums[index]
      func ratio(_ sum: Double, _ count: Int) -> Double? { count > 0 ? sum / Double(count) : nil }
      return [
        ratio(Double(own.right), own.found), ratio(Double(own.right), own.objects),
        ratio(2 * Double(own.right), own.found + own.objects),
        index == 0 ? mean(precisions) : precisions[index - 1],
        ratio(own.distance, own.right), medians[index].value, ratio(Double(own.absolute), images),
        ratio(Double(own.square), images)?.squareRoot(),
      ]
    }
  }

  private func averagePrecision(
    _ group: Int, _ weights: ImageWeights, objects: Int
  ) -> Double? {
    var steps = PrecisionSteps(objectCount: objects)
    var (right, wrong) = (0, 0)
    for entry in ranking[group] {
      let count = weights[Int(entry.image)]
      if !entry.isRight {
        wrong += count
      } else if count > 0 {
        right += count
        steps.append(truePositives: right, falsePositives: wrong)
      }
    }
    steps.makeMonotonic()
    return AveragePrecision.area.value(of: steps)
  }

  /// What a value can be.
  package func range(ofValue index: Int) -> ClosedRange<Double> {
    switch Number.allCases[index % Number.allCases.count] {
    case .precision, .recall, .f1, .ap: 0...1
    case .meanError, .medianError, .countError, .countDeviation: 0...(.infinity)
    }
  }

  /// Where a number stands among the values; that of all kinds without a kind.
  package func place(of number: Number, group: Int? = nil) -> Int {
    let count = Number.allCases.count
    // All cases are among all cases.
    return (group.map { $0 + 1 } ?? 0) * count + (Number.allCases.firstIndex(of: number) ?? 0)
  }

  /// One of the numbers of a kind, or of all; nil where undefined.
  package subscript(_ number: Number, group group: Int? = nil) -> Double? {
    values[place(of: number, group: group)]
  }
}
