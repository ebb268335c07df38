import Compute
import Foundation
import Images

/// Pictures in files of their own, each of one class.
struct ClassifiedFiles: Sendable {
  /// A picture.
  struct Entry: Sendable {
    /// Its path below the set's place: different for every picture.
    let id: String
    let file: URL
    /// Counts ``ClassifiedFiles/classNames``.
    let label: Int
  }

  /// The pictures of one split; of a set that is not divided all of them.
  struct Part: Sendable {
    let name: String
    var entries: [Entry]
  }

  /// How they are found, for people.
  let layout: String
  let format: DatasetFormat
  let classNames: [String]
  let parts: [Part]
  /// What cannot be used.
  var problems: [DataProblem] = []

  /// The pictures of a split; seeded shares are taken of each class.
  func samples(_ choice: SplitChoice) -> [Sample<Int>] {
    func entries(_ name: String) -> [Entry] {
      parts.filter { $0.name == name }.flatMap(\.entries)
    }
    let chosen =
      switch choice {
      case .parts(let names): names.flatMap(entries)
      case .share(let share, let name, let shares):
        shares.chosen(share, of: entries(name), byClass: \.label)
      }
    return chosen.map { Sample(id: $0.id, image: .file($0.file), target: $0.label) }
  }

  /// What is odd about the set as a whole: classes that a split lacks.
  var gaps: [DataProblem] {
    parts.filter { !$0.entries.isEmpty && parts.count > 1 }.flatMap { part in
      let present = Set(part.entries.map(\.label))
      return classNames.indices.filter { !present.contains($0) }.map { index in
        DataProblem(
          file: layout, kind: .missingClass,
          text: "no picture of '\(classNames[index])' in \(part.name)")
      }
    }
  }
}

extension SplitShares {
  /// The elements in a share of each class, in their order.
  func chosen<Element>(
    _ share: Share, of elements: [Element], byClass label: (Element) -> Int
  ) -> [Element] {
    let groups = Dictionary(grouping: elements.indices) { label(elements[$0]) }
    let chosen = groups.flatMap { label, members in
      indices(of: share, count: members.count, using: random.split(UInt64(label)))
        .map { members[$0] }
    }
    return chosen.sorted().map { elements[$0] }
  }
}
