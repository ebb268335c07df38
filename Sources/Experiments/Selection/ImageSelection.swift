package import Images

/// Chooses the images of a pool that are most worth labelling next.
///
/// Images are chosen one after the other, ties in the pool's order. An image that looks like a chosen
/// one is dropped at once, one that looks like a labelled one from the start. With n(c) the number of images chosen so far in which class c is predicted,
/// the next one is
///
/// - ``Balance/none``: that of the highest score s;
/// - ``Balance/penalty``: that of the highest s · max over its classes c of 1 / (1 + n(c)), where images
///   without detections count as a class of their own;
/// - ``Balance/roundRobin``: of the class with the smallest n(c) that still has images (then the one
///   in fewer images of the pool, then the lower index) the image of the highest score; images without
///   detections when no others are left.
package struct ImageSelection: Hashable, Sendable {
  /// How rare classes are provided for.
  package enum Balance: String, CaseIterable, Hashable, Sendable, Codable {
    /// Not at all: the scores alone decide.
    case none
    /// The score counts less the more images with the same classes are chosen.
    case penalty
    /// The class with the fewest chosen images is next.
    case roundRobin = "round-robin"
  }

  /// An image of the pool.
  package struct Candidate: Hashable, Sendable {
    /// How much there is to learn from it, finite and ≥ 0.
    package var score: Double
    /// The classes that are predicted in it.
    package var classes: Set<Int>
    /// What it looks like.
    package var hash: DifferenceHash

    /// An image.
    package init(score: Double, classes: Set<Int>, hash: DifferenceHash) {
      self.score = score
      self.classes = classes
      self.hash = hash
    }
  }

  /// What becomes of an image.
  package enum Verdict: Hashable, Sendable {
    /// It is the `rank`-th to be labelled, from 1.
    case selected(rank: Int)
    /// It looks like the chosen image of this index; `distance` bits differ.
    case duplicate(of: Int, distance: Int)
    /// It looks like the labelled image of this index; `distance` bits differ.
    case labelled(as: Int, distance: Int)
    /// Others were worth more.
    case left
  }

  /// The most images that are chosen.
  package var budget: Int
  /// How rare classes are provided for.
  package var balance: Balance
  /// Images whose hashes differ in at most so many bits are the same, 0...64; nil: none are.
  package var duplicateDistance: Int?

  /// Rules; `budget` is at least 0.
  package init(budget: Int, balance: Balance = .none, duplicateDistance: Int? = 8) {
    precondition(budget >= 0, "a budget of \(budget)")
    self.budget = budget
    self.balance = balance
    self.duplicateDistance = duplicateDistance
  }

  /// What becomes of every image, in the order of `candidates`.
  ///
  /// - Parameters:
  ///   - candidates: The pool.
  ///   - labelled: What the images look like that are labelled already.
  /// - Returns: One verdict each.
  package func verdicts(
    _ candidates: [Candidate], labelled: [DifferenceHash] = []
  ) -> [Verdict] {
    precondition(candidates.allSatisfy { $0.score.isFinite && $0.score >= 0 }, "a score below 0")
    var verdicts = candidates.map { known($0.hash, among: labelled) ?? .left }
    var pool = Pool(candidates, of: verdicts.indices.filter { verdicts[$0] == .left })
    var rank = 0
    while rank < budget, let chosen = pool.next(balance) {
      rank += 1
      verdicts[chosen] = .selected(rank: rank)
      pool.choose(chosen)
      guard let duplicateDistance else { continue }
      pool.remaining.removeAll { index in
        let distance = candidates[index].hash.distance(to: candidates[chosen].hash)
        guard distance <= duplicateDistance else { return false }
        verdicts[index] = .duplicate(of: chosen, distance: distance)
        return true
      }
    }
    return verdicts
  }

  /// The labelled image that another looks most like, if it is a copy of it.
  private func known(_ hash: DifferenceHash, among labelled: [DifferenceHash]) -> Verdict? {
    guard let duplicateDistance else { return nil }
    let distances = labelled.map { $0.distance(to: hash) }
    guard let nearest = distances.indices.min(by: { distances[$0] < distances[$1] }),
      distances[nearest] <= duplicateDistance
    else { return nil }
    return .labelled(as: nearest, distance: distances[nearest])
  }
}

/// What is left to choose from, and what has been chosen.
private struct Pool {
  let candidates: [ImageSelection.Candidate]
  /// In ascending order.
  var remaining: [Int]
  private var chosen: [Int: Int] = [:]
  private let frequency: [Int: Int]

  /// Stands for the class of images without detections.
  private static let nothing = -1

  init(_ candidates: [ImageSelection.Candidate], of remaining: [Int]) {
    self.candidates = candidates
    self.remaining = remaining
    frequency = remaining.reduce(into: [:]) { counts, index in
      for entry in candidates[index].classes { counts[entry, default: 0] += 1 }
    }
  }

  mutating func choose(_ index: Int) {
    remaining.removeAll { $0 == index }
    let classes = candidates[index].classes
    for entry in classes.isEmpty ? [Self.nothing] : classes { chosen[entry, default: 0] += 1 }
  }

  func next(_ balance: ImageSelection.Balance) -> Int? {
    switch balance {
    case .none: return best(remaining) { candidates[$0].score }
    case .penalty:
      return best(remaining) { candidates[$0].score * weight(candidates[$0].classes) }
    case .roundRobin:
      let neediest = neediest
      let wanted = remaining.filter { candidates[$0].classes.contains(neediest) }
      return best(wanted.isEmpty ? remaining : wanted) { candidates[$0].score }
    }
  }

  private func weight(_ classes: Set<Int>) -> Double {
    let counts = classes.isEmpty ? [chosen[Self.nothing] ?? 0] : classes.map { chosen[$0] ?? 0 }
    return 1 / Double(1 + (counts.min() ?? 0))
  }

  /// The class with the fewest chosen images among those that have images left.
  private var neediest: Int {
    let present = remaining.reduce(into: Set<Int>()) { $0.formUnion(candidates[$1].classes) }
    return present.min { first, second in
      let a = (chosen[first] ?? 0, frequency[first] ?? 0, first)
      let b = (chosen[second] ?? 0, frequency[second] ?? 0, second)
      return a < b
    } ?? Self.nothing
  }

  /// The first of the indices with the highest value.
  private func best(_ indices: [Int], _ value: (Int) -> Double) -> Int? {
    var best: (index: Int, value: Double)?
    for index in indices {
      let value = value(index)
      if best.map({ value > $0.value }) ?? true { best = (index, value) }
    }
    return best?.index
  }
}
