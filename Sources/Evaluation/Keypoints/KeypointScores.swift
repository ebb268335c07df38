package import Keypoints

/// The share of correct keypoints (PCK), its area, and mean errors, for resampling.
///
/// With e the distance of a found keypoint from the annotated one over the person's reference length, and
/// n annotated keypoints with such a length:
///
///     PCK@α = #{e ≤ α} / n        AUC = 1/α ∫₀^α PCK@a da = mean of max(0, 1 − e / α)
///     NME = mean of e
///
/// PCK over all joints comes twice: of all keypoints together, so that joints count by how often they are
/// annotated, and as the mean over the joints. Errors in pixels are of all annotated keypoints, with a
/// reference length or not.
package struct KeypointScores: ImageStatistic {
  /// One of the values.
  package enum Number: Hashable, Sendable {
    /// PCK at a threshold, all keypoints together; 0...1.
    case pooled(Double)
    /// PCK at a threshold, mean over joints; 0...1.
    case jointMean(Double)
    /// Area under PCK up to its limit, over that limit; 0...1.
    case area
    /// Mean error over the reference length, ≥ 0.
    case normalizedMeanError
    /// Mean error in pixels of the picture.
    case meanError
    /// Median error in pixels of the picture.
    case medianError
    /// PCK of a joint at a threshold; 0...1.
    case joint(Int, Double)
    /// Mean error of a joint in pixels.
    case jointMeanError(Int)
    /// Median error of a joint in pixels.
    case jointMedianError(Int)
    /// Mean PCK of a group of the layout, at a threshold; 0...1.
    case group(Int, Double)
  }

  /// What the keypoints are.
  package let layout: KeypointLayout
  /// α, ascending.
  package let thresholds: [Double]
  /// The number of images.
  package let imageCount: Int
  /// The values, in their order.
  package let numbers: [Number]
  /// For every joint how many keypoints are annotated, and how many of those have a reference length.
  package let counts: [(annotated: Int, judged: Int)]

  private let groups: [[Int]]
  private let rows: [Row]
  /// All errors in pixels, ascending.
  private let sorted: [(distance: Double, image: Int32, joint: Int32)]

  /// Sums over the keypoints of one joint in one image.
  private struct Row: Sendable {
    let image: Int32
    let joint: Int32
    var sums: Sums
  }

  /// What is summed.
  private struct Sums: Sendable {
    var annotated = 0
    var judged = 0
    var hits: [Int]
    var area = 0.0
    var relative = 0.0
    var distance = 0.0

    init(thresholdCount: Int) { hits = [Int](repeating: 0, count: thresholdCount) }

    mutating func add(_ other: Sums, times count: Int) {
      annotated += count * other.annotated
      judged += count * other.judged
      for index in hits.indices { hits[index] += count * other.hits[index] }
      area += Double(count) * other.area
      relative += Double(count) * other.relative
      distance += Double(count) * other.distance
    }
  }

  /// The statistic of errors.
  ///
  /// - Parameters:
  ///   - errors: Of all persons.
  ///   - thresholds: α, at least one, all above 0.
  ///   - bound: Whether an error equal to α is right.
  ///   - areaLimit: How far the area goes, above 0; nil: to the largest α.
  package init(
    _ errors: KeypointErrors, thresholds: [Double], bound: KeypointBound = .atMost,
    areaLimit: Double? = nil
  ) {
    let thresholds = thresholds.sorted()
    precondition(thresholds.first.map { $0 > 0 } ?? false, "PCK at no threshold, or at 0")
    let limit = areaLimit ?? thresholds[thresholds.count - 1]
    layout = errors.layout
    self.thresholds = thresholds
    imageCount = errors.imageCount
    let groups = errors.layout.groups
    self.groups = groups.map(\.members)
    var places: [Int: Int] = [:]
    var rows: [Row] = []
    for entry in errors.entries {
      let key = entry.image * errors.layout.count + entry.joint
      let place = places[key] ?? rows.count
      if place == rows.count {
        places[key] = place
        rows.append(
          Row(
            image: Int32(entry.image), joint: Int32(entry.joint),
            sums: Sums(thresholdCount: thresholds.count)))
      }
      rows[place].sums.annotated += 1
      rows[place].sums.distance += entry.distance
      guard let relative = entry.relative else { continue }
      rows[place].sums.judged += 1
      rows[place].sums.relative += relative
      rows[place].sums.area += max(0, 1 - relative / limit)
      for (index, threshold) in thresholds.enumerated() where bound.holds(relative, threshold) {
        rows[place].sums.hits[index] += 1
      }
    }
    self.rows = rows
    sorted = errors.entries.map { ($0.distance, Int32($0.image), Int32($0.joint)) }
      .sorted { $0.distance < $1.distance }
    counts = errors.layout.names.indices.map { joint in
      rows.reduce((0, 0)) { sum, row in
        Int(row.joint) == joint
          ? (sum.0 + row.sums.annotated, sum.1 + row.sums.judged) : sum
      }
    }
    numbers =
      thresholds.map(Number.pooled) + thresholds.map(Number.jointMean)
      + [.area, .normalizedMeanError, .meanError, .medianError]
      + errors.layout.names.indices.flatMap { joint in
        thresholds.map { Number.joint(joint, $0) }
          + [.jointMeanError(joint), .jointMedianError(joint)]
      }
      + groups.indices.flatMap { group in thresholds.map { Number.group(group, $0) } }
  }

  /// One per ``numbers``.
  package var valueCount: Int { numbers.count }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    var joints = [Sums](
      repeating: Sums(thresholdCount: thresholds.count), count: layout.count)
    for row in rows {
      let count = weights[Int(row.image)]
      if count > 0 { joints[Int(row.joint)].add(row.sums, times: count) }
    }
    var all = Sums(thresholdCount: thresholds.count)
    for joint in joints { all.add(joint, times: 1) }
    let medians = medians(weights, joints.map(\.annotated) + [all.annotated])
    func ratio(_ sum: Double, _ count: Int) -> Double? { count > 0 ? sum / Double(count) : nil }
    let shares = joints.map { sums in sums.hits.map { ratio(Double($0), sums.judged) } }
    let places = thresholds.indices
    return places.map { ratio(Double(all.hits[$0]), all.judged) }
      + places.map { place in mean(shares.map { $0[place] }) }
      + [
        ratio(all.area, all.judged), ratio(all.relative, all.judged),
        ratio(all.distance, all.annotated), medians[layout.count],
      ]
      + layout.names.indices.flatMap { joint in
        shares[joint]
          + [ratio(joints[joint].distance, joints[joint].annotated), medians[joint]]
      }
      + groups.flatMap { members in
        places.map { place in mean(members.map { shares[$0][place] }) }
      }
  }

  /// The median error of each joint and of all, given how many there are.
  private func medians(_ weights: ImageWeights, _ totals: [Int]) -> [Double?] {
    var medians = totals.map { WeightedMedian(total: $0) }
    for entry in sorted {
      let count = weights[Int(entry.image)]
      guard count > 0 else { continue }
      medians[Int(entry.joint)].add(entry.distance, times: count)
      medians[layout.count].add(entry.distance, times: count)
    }
    return medians.map(\.value)
  }

  /// What a value can be.
  package func range(ofValue index: Int) -> ClosedRange<Double> {
    switch numbers[index] {
    case .pooled, .jointMean, .area, .joint, .group: 0...1
    case .normalizedMeanError, .meanError, .medianError, .jointMeanError, .jointMedianError:
      0...(.infinity)
    }
  }

  /// One of the values; nil where no keypoint has one, or if it is not among ``numbers``.
  package subscript(_ number: Number) -> Double? {
    numbers.firstIndex(of: number).flatMap { values[$0] }
  }
}

/// The median of numbers that come in ascending order, some of them several times.
struct WeightedMedian {
  private let total: Int
  private var seen = 0
  private var lower: Double?
  private var upper: Double?

  /// The median of so many.
  init(total: Int) { self.total = total }

  /// The next number.
  mutating func add(_ value: Double, times count: Int) {
    seen += count
    if lower == nil, 2 * seen >= total { lower = value }
    if upper == nil, 2 * seen > total { upper = value }
  }

  /// The middle one, or the mean of the two middle ones; nil without numbers.
  var value: Double? { lower.flatMap { low in upper.map { (low + $0) / 2 } } }
}
