package import Compute

/// How hard each anchor is: weights for the objectness loss from uncertainty and correctness.
///
/// D = U / 2 where the objectness is correct (true positive or true negative), (1 − U) / 2 + 1 / 2
/// where it is not. U = map(BALD). D is a constant to the loss: no gradient goes through it.
package struct Difficulty: Hashable, Sendable {
  /// What makes U of BALD's bits.
  package enum UncertaintyMap: String, CaseIterable, Hashable, Sendable, Codable {
    /// U = 1 / (1 + e⁻ᵇ): the paper's, in [0.4993, 0.7311].
    case sigmoid
    /// U = b, kept in [0, 1].
    case raw
    /// The rank of b among the image's anchors that are not ignored, in [0, 1]; ties share theirs.
    case rank
  }

  /// What makes weights of D.
  package enum Weighting: String, CaseIterable, Hashable, Sendable, Codable {
    /// w = D: the paper's.
    case raw
    /// w = D / mean of D over the scaled anchors of the batch.
    case meanOne
    /// w = 2 D.
    case double
    /// w = 1 + D.
    case onePlus
  }

  /// Which anchors are scaled; the others keep weight 1.
  package enum Scope: String, CaseIterable, Hashable, Sendable, Codable {
    /// All that are not ignored.
    case both
    /// Anchors with an object.
    case positives
    /// Anchors without one.
    case negatives
  }

  /// Experiments that take the information out of U.
  package enum Control: Hashable, Sendable {
    /// The real U.
    case none
    /// The same U everywhere: what remains is correctness.
    case constant(Float)
    /// U permuted among the equally correct anchors of an image.
    case shuffled
  }

  /// How uncertainty is computed.
  package var bald = BALD()
  /// What makes U of it.
  package var map = UncertaintyMap.sigmoid
  /// What makes weights of D.
  package var weighting = Weighting.raw
  /// Which anchors are scaled.
  package var scope = Scope.both
  /// τ: an anchor is predicted positive where its objectness is above it; in 0..<1, not 0.
  package var threshold: Float = 0.5
  /// IoU from which a predicted positive is correct, nil for any.
  package var minimumOverlap: Float?
  /// Experiments.
  package var control = Control.none

  /// The paper's difficulty; change the properties for another.
  package init() {}

  /// D of one anchor: in [0, 1] for U in [0, 1].
  package static func difficulty(uncertainty: Float, isCorrect: Bool) -> Float {
    isCorrect ? 0.5 * uncertainty : 0.5 * (1 - uncertainty) + 0.5
  }

  /// Whether each anchor's objectness is on the target's side of τ; τ itself counts as negative.
  ///
  /// - Parameters:
  ///   - logits: z of the main objectness output.
  ///   - states: Targets; ignored anchors count as correct.
  ///   - overlaps: IoU of each anchor's predicted box with its object, for ``minimumOverlap``.
  /// - Returns: One flag for each anchor.
  package func correctness(
    logits: [Float], states: [AnchorState], overlaps: [Float]? = nil
  ) -> [Bool] {
    precondition(states.count == logits.count, "\(states.count) states")
    precondition(overlaps.map { $0.count == logits.count } ?? true, "counts of overlaps")
    // Compared as logits, where nothing is rounded to 1/2.
    let level = Float.logarithm(threshold / (1 - threshold))
    return logits.indices.map { i in
      switch states[i] {
      case .ignored: true
      case .negative: logits[i] <= level
      case .positive:
        logits[i] > level && (minimumOverlap.map { (overlaps?[i] ?? 0) >= $0 } ?? true)
      }
    }
  }

  /// The weight of each anchor's objectness loss.
  ///
  /// - Parameters:
  ///   - means: μ of the Bayesian branch, image after image.
  ///   - variances: σ² of the branch, likewise.
  ///   - logits: z of the main objectness output, likewise.
  ///   - states: Targets, likewise.
  ///   - imageCount: Images; each has as many anchors.
  ///   - overlaps: IoU of predicted boxes with their objects, where ``minimumOverlap`` is set.
  ///   - random: Permutes for ``Control/shuffled``.
  /// - Returns: Weights ≥ 0; 0 for ignored anchors.
  /// - Throws: ``UncertaintyError`` for values that are not finite, negative variances, and options
  ///   out of range.
  package func weights(
    means: [Float], variances: [Float], logits: [Float], states: [AnchorState],
    imageCount: Int = 1, overlaps: [Float]? = nil, random: RandomStream = RandomStream(seed: 0)
  ) throws -> [Float] {
    precondition(means.count == logits.count && variances.count == logits.count, "counts differ")
    precondition(imageCount > 0 && logits.count % imageCount == 0, "\(imageCount) images")
    guard threshold > 0, threshold < 1 else {
      throw UncertaintyError.invalidOption("the objectness threshold \(threshold) is not in 0...1")
    }
    guard minimumOverlap == nil || overlaps != nil else {
      throw UncertaintyError.invalidOption("a minimum overlap needs the predictions' overlaps")
    }
    if let bad = logits.firstIndex(where: { !$0.isFinite }) {
      throw UncertaintyError.notFinite(argument: "objectness logit", index: bad)
    }
    let correct = correctness(logits: logits, states: states, overlaps: overlaps)
    var weights = try uncertainties(means: means, variances: variances, states: states)
    let size = logits.count / imageCount
    for image in 0..<imageCount {
      let anchors = (image * size..<(image + 1) * size).filter { states[$0] != .ignored }
      if map == .rank && !isConstant { rank(&weights, among: anchors) }
      guard control == .shuffled else { continue }
      for (key, side) in [true, false].enumerated() {
        let group = anchors.filter { correct[$0] == side }
        var stream = random.split(UInt64(image), UInt64(key))
        let values = stream.permutation(group.count).map { weights[group[$0]] }
        for (anchor, value) in zip(group, values) { weights[anchor] = value }
      }
    }
    for i in weights.indices {
      weights[i] = Difficulty.difficulty(uncertainty: weights[i], isCorrect: correct[i])
    }
    apply(weighting, to: &weights, states)
    return weights
  }

  private var isConstant: Bool {
    if case .constant = control { true } else { false }
  }

  /// U before ranks and shuffling.
  private func uncertainties(
    means: [Float], variances: [Float], states: [AnchorState]
  ) throws -> [Float] {
    if case .constant(let value) = control {
      guard value >= 0, value <= 1 else {
        throw UncertaintyError.invalidOption("the constant uncertainty \(value) is not in 0...1")
      }
      return [Float](repeating: value, count: means.count)
    }
    return try means.indices.map { i in
      let moments = LogitMoments(mean: means[i], variance: variances[i])
      try moments.validate(index: i)
      guard states[i] != .ignored else { return 0 }
      let bits = try bald.uncertainty(moments)
      return switch map {
      case .sigmoid: 1 / (1 + Float.exponential(-bits))
      case .raw: min(1, max(0, bits))
      case .rank: bits
      }
    }
  }

  /// Replaces values by their ranks / (count − 1); equal ones share their mean rank.
  private func rank(_ values: inout [Float], among anchors: [Int]) {
    guard anchors.count > 1 else {
      for anchor in anchors { values[anchor] = 0.5 }
      return
    }
    let sorted = anchors.sorted { values[$0] < values[$1] }
    var first = 0
    while first < sorted.count {
      let value = values[sorted[first]]
      let last = sorted[first...].firstIndex { values[$0] != value } ?? sorted.count
      let rank = Float(first + last - 1) / 2 / Float(sorted.count - 1)
      for anchor in sorted[first..<last] { values[anchor] = rank }
      first = last
    }
  }

  private func apply(_ weighting: Weighting, to weights: inout [Float], _ states: [AnchorState]) {
    let scaled = states.map { state in
      switch state {
      case .ignored: false
      case .positive: scope != .negatives
      case .negative: scope != .positives
      }
    }
    var factor: Float = 1
    if weighting == .meanOne {
      var sum = 0.0
      var count = 0
      for i in weights.indices where scaled[i] {
        sum += Double(weights[i])
        count += 1
      }
      factor = sum > 0 ? Float(Double(count) / sum) : 1
    }
    for i in weights.indices {
      guard scaled[i] else {
        weights[i] = states[i] == .ignored ? 0 : 1
        continue
      }
      switch weighting {
      case .raw: break
      case .meanOne: weights[i] *= factor
      case .double: weights[i] *= 2
      case .onePlus: weights[i] += 1
      }
    }
  }
}
