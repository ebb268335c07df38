package import Keypoints

/// The peaks of all images with their verdicts: what the metrics of centres of objects are computed from.
package struct MatchedPeaks: Sendable {
  /// A peak.
  package struct Peak: Hashable, Sendable {
    /// Index of the sample.
    package let sample: Int
    /// Which of the sample's found keypoints it is.
    package let place: Int
    /// Index of the image.
    package let image: Int
    /// Its kind.
    package let group: Int
    /// Its height.
    package let score: Float
    /// How far its object is, pixels of the picture; nil: it is no object.
    package let distance: Double?
    /// The farthest that it may be, pixels of the picture.
    package let radius: Double
    /// What else the map says of its certainty.
    package let doubt: KeypointDoubt?
  }

  /// What the keypoints are.
  package let layout: KeypointLayout
  /// The number of images.
  package let imageCount: Int
  /// Pixels of the network's input.
  package let radius: Double
  /// Peaks of all images, sample after sample.
  package let peaks: [Peak]
  /// How many objects there are, by image, then kind.
  package let objectCounts: [[Int]]
  /// Samples in which so many peaks or objects hang together that peaks took the nearest object in order
  /// of height.
  package let greedyCount: Int

  /// Matches peaks with objects, kind by kind.
  ///
  /// - Parameters:
  ///   - samples: Every image of the split, also those without peaks; those to ignore are left out.
  ///   - radius: How far a peak may be from its object, pixels of the network's input: what the samples'
  ///     scale makes pixels of the picture.
  ///   - floor: Lower peaks are no peaks.
  /// - Throws: ``EvaluationError`` for a radius not above 0, without samples, if layouts differ, for
  ///   unknown keypoints, NaN and infinity.
  package init(
    _ samples: [JudgedKeypoints], radius: Double, from floor: Float = -.infinity
  ) throws {
    guard radius > 0, radius.isFinite else {
      throw EvaluationError.notPositive("the radius of peaks", radius)
    }
    let images = try JudgedImages(samples, ofPersons: false)
    layout = images.layout
    imageCount = images.count
    self.radius = radius
    var peaks: [Peak] = []
    var objectCounts = [[Int]](
      repeating: [Int](repeating: 0, count: images.layout.count), count: images.count)
    var greedyCount = 0
    for (index, sample) in samples.enumerated() where !sample.truth.sizes.isIgnored {
      let reach = radius * sample.scale
      var distances = [Double?](repeating: nil, count: sample.found.count)
      var isGreedy = false
      for group in images.layout.names.indices {
        let objects = sample.truth.points.filter { $0.index == group }
        objectCounts[images.images[index]][group] += objects.count
        let own = sample.found.indices.filter {
          sample.found[$0].index == group && sample.found[$0].score >= floor
        }
        let matching = PeakMatching(
          peaks: own.map { (sample.found[$0].position, sample.found[$0].score) },
          objects: objects.map(\.position), radius: reach)
        for pair in matching.pairs { distances[own[pair.peak]] = pair.distance }
        isGreedy = isGreedy || matching.isGreedy
      }
      if isGreedy { greedyCount += 1 }
      for (place, found) in sample.found.enumerated() where found.score >= floor {
        peaks.append(
          Peak(
            sample: index, place: place, image: images.images[index], group: found.index,
            score: found.score, distance: distances[place], radius: reach, doubt: found.doubt))
      }
    }
    self.peaks = peaks
    self.objectCounts = objectCounts
    self.greedyCount = greedyCount
  }

  /// How many objects there are of a kind, or of all.
  package func objectCount(of group: Int? = nil) -> Int {
    objectCounts.reduce(0) { sum, counts in
      sum + (group.map { counts[$0] } ?? counts.reduce(0, +))
    }
  }

  /// The peaks as decisions.
  ///
  /// A decision's group is the kind, its unit the peak's place among the sample's. It is right if the peak
  /// is an object, and then as good as 1 − distance / radius.
  package var decisions: Decisions {
    let doubts = peaks.compactMap(\.doubt)
    let all = KeypointDoubt.ofMaps + KeypointDoubt.ofBranches
    let measures =
      doubts.count == peaks.count && !doubts.isEmpty
      ? all.filter { score in doubts.allSatisfy { $0.value(of: score) != nil } } : []
    let entries = peaks.map { peak in
      let quality = peak.distance.map { 1 - $0 / peak.radius }
      return Decision(
        image: peak.image, unit: peak.place, group: peak.group, score: peak.score,
        uncertainties: measures.compactMap { peak.doubt?.value(of: $0) },
        isRight: peak.distance != nil, quality: quality ?? 0, error: peak.distance)
    }
    return Decisions(
      entries, imageCount: imageCount, groupNames: layout.names, measures: measures)
  }

  /// The threshold on the height of peaks at which precision and recall balance best.
  ///
  /// It fits the images that it was chosen on better than others: choose it on images that are not judged.
  ///
  /// - Parameter group: A kind; nil: one threshold for all.
  /// - Returns: Nil if no peak is an object.
  package func balancedThreshold(of group: Int? = nil) -> BalancedThreshold? {
    BalancedThreshold(
      decisions.filtered { group == nil || $0.group == group }, targets: objectCount(of: group))
  }
}
