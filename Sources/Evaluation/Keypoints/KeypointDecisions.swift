package import Keypoints

extension KeypointDoubt {
  /// What a map says of every keypoint, the uncertainties of which decisions have.
  static let ofMaps: [UncertaintyScore] = [.entropy, .secondPeak, .spread]
  /// What a Bayesian branch says besides.
  static let ofBranches: [UncertaintyScore] = [.bald, .baldAround]

  /// A score as a number that is larger for a less certain keypoint; nil for scores that are another
  /// task's or that take more than the doubt, and for the branch's without a branch.
  package func value(of score: UncertaintyScore) -> Double? {
    switch score {
    case .entropy: Double(entropy)
    case .secondPeak: Double(secondPeak)
    case .spread: Double(spread)
    case .bald: baldAtPeak.map(Double.init)
    case .baldAround: baldAround.map(Double.init)
    default: nil
    }
  }

  /// The scores that all of these keypoints have.
  static func measures(of found: [FoundKeypoint]) -> [UncertaintyScore] {
    guard !found.isEmpty else { return [] }
    return (ofMaps + ofBranches).filter { score in
      found.allSatisfy { $0.doubt?.value(of: score) != nil }
    }
  }
}

extension Decisions {
  /// The decisions of a keypoint model, one for each annotated keypoint of a person with a reference
  /// length.
  ///
  /// Its group is the keypoint, its unit the person's index times the number of keypoints plus the
  /// keypoint's. It is right if its error over the reference length is at most the threshold α, and then
  /// as good as 1 − error / α: 1 on the spot, 0 at the border. The score is the height of the peak.
  ///
  /// - Parameters:
  ///   - samples: The persons that the errors are of.
  ///   - errors: How far off their keypoints are.
  ///   - threshold: α, above 0.
  ///   - bound: Whether an error equal to α is right.
  package init(
    _ samples: [JudgedKeypoints], errors: KeypointErrors, threshold: Double,
    bound: KeypointBound = .atMost
  ) {
    precondition(threshold > 0 && samples.count == errors.sampleCount, "other persons' errors")
    let count = errors.layout.count
    let found = samples.map { sample in
      var places = [Int](repeating: 0, count: count)
      for (place, keypoint) in sample.found.enumerated() { places[keypoint.index] = place }
      return places
    }
    let judged = errors.entries.compactMap { entry in
      entry.relative.map { relative in
        (
          entry: entry, relative: relative,
          found: samples[entry.sample].found[found[entry.sample][entry.joint]]
        )
      }
    }
    let measures = KeypointDoubt.measures(of: judged.map(\.found))
    let entries = judged.map { item in
      Decision(
        image: item.entry.image, unit: item.entry.sample * count + item.entry.joint,
        group: item.entry.joint, score: item.found.score,
        uncertainties: measures.compactMap { item.found.doubt?.value(of: $0) },
        isRight: bound.holds(item.relative, threshold),
        quality: max(0, 1 - item.relative / threshold), error: item.entry.distance)
    }
    self.init(
      entries, imageCount: errors.imageCount, groupNames: errors.layout.names, measures: measures)
  }
}
