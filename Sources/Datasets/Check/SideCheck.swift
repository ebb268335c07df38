import Geometry
import Images
import Keypoints

/// Whether left and right keypoints lie as they do in other persons.
///
/// In most pictures people face the camera, so that their left lies on the right. Those seen from behind
/// or upside down have all pairs the other way round: what tells a mistake is a pair that lies against the
/// same person's other pairs.
struct SideCheck {
  /// A pair that lies against the others in a larger share of the persons is exchanged.
  ///
  /// Of LSP's pairs the ankles do so most often, in a fifth.
  private static let mostAgainst = 0.4
  /// The least number of persons to judge a pair by.
  private static let leastPersons = 10
  /// The least number of a person's pairs to judge the person by.
  private static let leastPairs = 4

  private(set) var findings: [DataProblem] = []

  /// Compares the pairs of all persons.
  ///
  /// - Parameters:
  ///   - samples: The persons.
  ///   - layout: What their keypoints are.
  ///   - place: The set, for messages.
  init(_ samples: [Sample<KeypointTruth>], layout: KeypointLayout, place: String) {
    let pairs = layout.pairs.map { Self.leftFirst($0, layout) }
    // By person and pair: 1 if the left one lies on the right, -1 the other way round, 0 if it is not known.
    let signs = samples.map { sample in
      pairs.map { left, right in
        guard let left = sample.target[left]?.position.x,
          let right = sample.target[right]?.position.x
        else { return 0 }
        return left > right ? 1 : left < right ? -1 : 0
      }
    }
    for (index, (left, right)) in pairs.enumerated() {
      var (against, count) = (0, 0)
      for person in signs where person[index] != 0 {
        let others = person.reduce(0, +) - person[index]
        guard others != 0 else { continue }
        count += 1
        if (others > 0) != (person[index] > 0) { against += 1 }
      }
      guard count >= Self.leastPersons else { continue }
      let share = Double(against) / Double(count)
      if share > Self.mostAgainst {
        findings.append(
          DataProblem(
            file: place, kind: .exchangedSides,
            text:
              "'\(layout.names[left])' and '\(layout.names[right])' lie against the other pairs in "
              + "\(percent(share)) of \(count) persons"))
      }
    }
    checkMajority(signs, place: place)
    for (sample, person) in zip(samples, signs) {
      let (ahead, behind) = (person.count { $0 > 0 }, person.count { $0 < 0 })
      guard ahead + behind >= Self.leastPairs,
        Double(min(ahead, behind)) >= Self.mostAgainst * Double(ahead + behind)
      else { continue }
      findings.append(
        DataProblem(
          file: sample.image.path, kind: .unusualSides,
          text:
            "'\(sample.id)': of \(ahead + behind) pairs \(min(ahead, behind)) lie the other way round"
        ))
    }
  }

  private mutating func checkMajority(_ signs: [[Int]], place: String) {
    let all = signs.flatMap { $0 }.filter { $0 != 0 }
    guard all.count >= Self.leastPersons else { return }
    let share = Double(all.count { $0 > 0 }) / Double(all.count)
    guard share < Self.mostAgainst else { return }
    findings.append(
      DataProblem(
        file: place, kind: .unusualSides,
        text:
          "left lies on the right in \(percent(share)) of the pairs alone: most are seen from behind, "
          + "or the sides are the viewer's"))
  }

  /// A pair with the one first whose name says left; as it is where none does.
  private static func leftFirst(_ pair: (Int, Int), _ layout: KeypointLayout) -> (Int, Int) {
    let names = [layout.names[pair.0], layout.names[pair.1]]
    return SideNames.pairs(of: names).first?.0 == 1 ? (pair.1, pair.0) : pair
  }
}

/// A share, 0...1, in whole per cent.
private func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
