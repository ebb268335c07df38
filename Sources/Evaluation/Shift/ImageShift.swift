package import Compute

/// How well one number tells images of another kind from those that a model is made for.
package struct ImageShift: Sendable {
  /// What was done to the images: a corruption, `all` of them, or `foreign`.
  package let shift: String
  /// How much; nil: all severities together.
  package let severity: Int?
  /// The number.
  package let score: ImageDoubt
  /// The probability that a shifted image has more of it than a clean one, ties counting half.
  package let auroc: Estimate
  /// The share of shifted images that pass where 95 % of the clean ones do: what is missed at a twentieth of
  /// false alarms (FPR95, the clean images being the positives).
  package let missed: Estimate

  /// All pictures together.
  package static let everything = "all"
  /// Pictures of something else.
  package static let foreign = "foreign"

  /// Images with their numbers.
  package struct Group: Sendable {
    /// What was done to them; empty: nothing.
    package let shift: String
    /// How much; 0: nothing.
    package let severity: Int
    /// One entry an image; of corrupted images in the order of the clean ones.
    package let values: [[ImageDoubt: Double]]

    /// A group of images.
    package init(shift: String, severity: Int, values: [[ImageDoubt: Double]]) {
      self.shift = shift
      self.severity = severity
      self.values = values
    }
  }

  /// Compares every group with the clean images, each number by itself.
  ///
  /// Intervals are over images: a picture takes its corrupted forms with it. Single severities have none.
  ///
  /// - Parameters:
  ///   - clean: The images as they are.
  ///   - groups: The same images corrupted, and foreign ones.
  ///   - bootstrap: How intervals are made; nil: none.
  ///   - pool: Threads to draw on.
  /// - Returns: Every corruption and severity, then every corruption, all of them, and foreign images; in
  ///   each the numbers that all images have.
  package static func all(
    clean: Group, _ groups: [Group], bootstrap: Bootstrap? = nil, pool: ThreadPool? = nil
  ) -> [ImageShift] {
    let corrupted = groups.filter { $0.shift != foreign }
    precondition(
      corrupted.allSatisfy { $0.values.count == clean.values.count }, "other images were corrupted")
    let names = corrupted.reduce(into: [String]()) {
      if !$0.contains($1.shift) { $0.append($1.shift) }
    }
    var sets: [(shift: String, severity: Int?, groups: [Group])] = corrupted.map {
      ($0.shift, $0.severity, [$0])
    }
    sets += names.map { name in (name, nil, corrupted.filter { $0.shift == name }) }
    if names.count > 1 { sets.append((everything, nil, corrupted)) }
    for group in groups where group.shift == foreign { sets.append((foreign, nil, [group])) }
    return sets.flatMap { set in
      let scores = ImageDoubt.allCases.filter { score in
        ([clean] + set.groups).allSatisfy { $0.values.allSatisfy { $0[score] != nil } }
      }
      return scores.map { score in
        let known = Known(clean, set.groups, score, isPaired: set.shift != foreign)
        let estimates = Bootstrap.estimates(
          of: known, set.severity == nil ? bootstrap : nil, pool: pool)
        return ImageShift(
          shift: set.shift, severity: set.severity, score: score, auroc: estimates[0],
          missed: estimates[1])
      }
    }
  }

  /// AUROC and FPR95 of one number, clean images being right decisions.
  private struct Known: ImageStatistic {
    let imageCount: Int
    private let ranking: ErrorDetection
    private let passing: FalsePositiveRate

    init(_ clean: Group, _ groups: [Group], _ score: ImageDoubt, isPaired: Bool) {
      var entries: [Decision] = []
      var scores: [Double] = []
      for (number, group) in ([clean] + groups).enumerated() {
        for (index, values) in group.values.enumerated() {
          let image = index + (isPaired || number == 0 ? 0 : clean.values.count)
          entries.append(Decision(image: image, group: 0, score: 0, isRight: number == 0))
          scores.append(values[score] ?? 0)
        }
      }
      imageCount = clean.values.count + (isPaired ? 0 : groups.reduce(0) { $0 + $1.values.count })
      let decisions = Decisions(entries, imageCount: imageCount, groupNames: [""])
      ranking = ErrorDetection(decisions, scores: scores)
      passing = FalsePositiveRate(decisions, scores: scores)
    }

    var valueCount: Int { 2 }

    func values(_ weights: ImageWeights) -> [Double?] {
      [ranking.values(weights)[0], passing.values(weights)[0]]
    }
  }
}
