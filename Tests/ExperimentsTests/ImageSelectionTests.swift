import Experiments
import Images
import TestSupport
import Testing

@Suite struct ImageSelectionTests {
  private typealias Candidate = ImageSelection.Candidate

  /// An image that looks like no other: hashes differ in at least eight bits.
  private func image(_ score: Double, _ classes: Set<Int>, look: Int) -> ImageSelection.Candidate {
    Candidate(score: score, classes: classes, hash: DifferenceHash(bits: 0xFF << (8 * look)))
  }

  /// A pool of 60 images from a seed; every third looks nearly like the one before it.
  private func pool(seed: UInt64) -> [ImageSelection.Candidate] {
    var random = SystemRandomNumberGeneratorWithSeed(seed: seed)
    var pool: [Candidate] = []
    for index in 0..<60 {
      let bits = UInt64.random(in: 0 ... .max, using: &random)
      let hash = index % 3 == 2 ? pool[index - 1].hash.bits ^ 0b101 : bits
      pool.append(
        Candidate(
          score: Double.random(in: 0...1, using: &random),
          classes: Set((0..<4).filter { _ in Int.random(in: 0...3, using: &random) == 0 }),
          hash: DifferenceHash(bits: hash)))
    }
    return pool
  }

  /// The indices of the chosen images by rank.
  private func chosen(_ verdicts: [ImageSelection.Verdict]) -> [Int] {
    var ranked: [(rank: Int, index: Int)] = []
    for (index, verdict) in verdicts.enumerated() {
      if case .selected(let rank) = verdict { ranked.append((rank, index)) }
    }
    ranked.sort { $0.rank < $1.rank }
    #expect(ranked.map(\.rank) == Array(0..<ranked.count).map { $0 + 1 })
    return ranked.map(\.index)
  }

  @Test func highestScoresFirstAndTiesInOrder() {
    let pool = [
      image(0.2, [0], look: 0), image(0.9, [0], look: 1), image(0.5, [0], look: 2),
      image(0.9, [1], look: 3),
    ]
    #expect(chosen(ImageSelection(budget: 3).verdicts(pool)) == [1, 3, 2])
    #expect(chosen(ImageSelection(budget: 0).verdicts(pool)) == [])
    #expect(chosen(ImageSelection(budget: 9).verdicts(pool)) == [1, 3, 2, 0])
    #expect(ImageSelection(budget: 9).verdicts([]) == [])
  }

  @Test func copiesNameTheImageTheyLookLike() {
    var pool = [image(0.5, [0], look: 0), image(0.9, [0], look: 1), image(0.4, [0], look: 2)]
    pool[0].hash = DifferenceHash(bits: pool[1].hash.bits ^ 0b111)
    #expect(
      ImageSelection(budget: 2, duplicateDistance: 3).verdicts(pool) == [
        .duplicate(of: 1, distance: 3), .selected(rank: 1), .selected(rank: 2),
      ])
    for distance in [2, nil] {
      #expect(
        ImageSelection(budget: 2, duplicateDistance: distance).verdicts(pool) == [
          .selected(rank: 2), .selected(rank: 1), .left,
        ])
    }
  }

  @Test func penaltyDividesByTheRarestClass() {
    // After the first: class 0 has one image, so 0.8 counts 0.4; {0, 1} still counts in full.
    let pool = [
      image(1, [0], look: 0), image(0.8, [0], look: 1), image(0.3, [1], look: 2),
      image(0.45, [0, 1], look: 3), image(0.41, [], look: 4),
    ]
    let selection = ImageSelection(budget: 5, balance: .penalty)
    // Then 0.8 / 3 for {0}, 0.3 / 2 for {1}; images without detections are a class of their own.
    #expect(chosen(selection.verdicts(pool)) == [0, 3, 4, 1, 2])
  }

  @Test func roundRobinServesTheClassWithTheFewestImages() {
    // Class 2 is in the fewest images and has the first turn, then 1, then 0.
    let pool = [
      image(0.9, [0], look: 0), image(0.8, [0], look: 1), image(0.7, [0, 1], look: 2),
      image(0.2, [1], look: 3), image(0.1, [2], look: 4), image(0.95, [], look: 5),
    ]
    let selection = ImageSelection(budget: 6, balance: .roundRobin)
    // {0, 1} counts for both; then 1 has the turn before 0, and nothing comes last.
    #expect(chosen(selection.verdicts(pool)) == [4, 2, 3, 0, 1, 5])
  }

  @Test(arguments: ImageSelection.Balance.allCases, [1, 2, 3] as [UInt64])
  func propertiesOfAnyPool(_ balance: ImageSelection.Balance, _ seed: UInt64) {
    let pool = pool(seed: seed)
    var former: [Int] = []
    for budget in [0, 1, 7, 20, 100] {
      let selection = ImageSelection(budget: budget, balance: balance, duplicateDistance: 4)
      let verdicts = selection.verdicts(pool)
      let indices = chosen(verdicts)
      #expect(verdicts == selection.verdicts(pool))
      #expect(indices.count <= budget)
      // A larger budget adds to a smaller one.
      #expect(Array(indices.prefix(former.count)) == former)
      former = indices
      for (place, first) in indices.enumerated() {
        for second in indices[..<place] {
          #expect(pool[first].hash.distance(to: pool[second].hash) > 4)
        }
      }
      for (index, verdict) in verdicts.enumerated() {
        guard case .duplicate(let original, let distance) = verdict else { continue }
        #expect(indices.contains(original) && distance <= 4)
        #expect(pool[index].hash.distance(to: pool[original].hash) == distance)
      }
      if budget == 100 { #expect(!verdicts.contains(.left) && indices.count == 40) }
    }
  }

  @Test(arguments: [ImageSelection.Balance.penalty, .roundRobin])
  func rareClassesAreChosen(_ balance: ImageSelection.Balance) {
    // Ninety images of a common class with high scores, five each of two rare ones.
    var random = SystemRandomNumberGeneratorWithSeed(seed: 5)
    let pool = (0..<100).map { index in
      Candidate(
        score: index < 90 ? 0.9 : 0.5, classes: [index < 90 ? 0 : index < 95 ? 1 : 2],
        hash: DifferenceHash(bits: .random(in: 0 ... .max, using: &random)))
    }
    func counts(_ balance: ImageSelection.Balance) -> [Int] {
      let indices = chosen(
        ImageSelection(budget: 12, balance: balance, duplicateDistance: nil).verdicts(pool))
      return (0..<3).map { c in indices.count { pool[$0].classes == [c] } }
    }
    #expect(counts(.none) == [12, 0, 0])
    // By penalty 0.9 / (1 + n) and 0.5 / (1 + n) stay level at 6, 3 and 3 images.
    #expect(counts(balance) == (balance == .penalty ? [6, 3, 3] : [4, 4, 4]))
  }

  @Test func copiesOfLabelledImagesAreLeftOutFromTheStart() {
    let pool = [image(0.9, [0], look: 0), image(0.5, [1], look: 1), image(0.4, [0], look: 2)]
    // Two and one bit from the first, nine from the last.
    let labelled = [
      DifferenceHash(bits: 0xFC), DifferenceHash(bits: 0xFE),
      DifferenceHash(bits: 0xFF << 16 ^ 0x1FF << 40),
    ]
    for balance in ImageSelection.Balance.allCases {
      let verdicts = ImageSelection(budget: 3, balance: balance, duplicateDistance: 2)
        .verdicts(pool, labelled: labelled)
      // In turn, the class with the lower index comes first.
      let first = balance == .roundRobin ? 2 : 1
      #expect(verdicts[0] == .labelled(as: 1, distance: 1))
      #expect(verdicts[first] == .selected(rank: 1) && verdicts[3 - first] == .selected(rank: 2))
    }
    #expect(
      ImageSelection(budget: 1, duplicateDistance: 0).verdicts(pool, labelled: labelled)[0]
        == .selected(rank: 1))
    #expect(
      ImageSelection(budget: 1, duplicateDistance: nil).verdicts(pool, labelled: labelled)[0]
        == .selected(rank: 1))
    // What is labelled does not make its class common.
    let rare = [image(0.9, [0], look: 0), image(0.5, [0], look: 3), image(0.6, [1, 2], look: 4)]
    #expect(
      ImageSelection(budget: 1, balance: .roundRobin, duplicateDistance: 2)
        .verdicts(rare, labelled: labelled)[1] == .selected(rank: 1))
  }
}
