import Training

/// The rows that a comparison of a task may have.
package struct ComparisonRows: Sendable {
  /// What is compared in the paper.
  package let paper: [ComparisonRow]
  /// What else could explain a gain.
  package let controls: [ComparisonRow]
  /// What the paper leaves open.
  package let beyond: [ComparisonRow]
  /// Ways to learn how well boxes are placed; none but a detector's.
  package let place: [ComparisonRow]

  /// The rows of a task.
  init(
    paper: [ComparisonRow], controls: [ComparisonRow], beyond: [ComparisonRow],
    place: [ComparisonRow] = []
  ) {
    self.paper = paper
    self.controls = controls
    self.beyond = beyond
    self.place = place
  }

  /// Every row.
  package var all: [ComparisonRow] { paper + controls + beyond + place }

  private var groups: [String: [ComparisonRow]] {
    ["paper": paper, "controls": controls, "beyond": beyond, "place": place, "all": all]
      .filter { !$0.value.isEmpty }
  }

  /// Rows by name; `paper`, `controls`, `beyond`, `place` and `all` stand for groups.
  ///
  /// - Parameter names: As they shall be ordered; a repeated row counts once.
  /// - Returns: The rows, each once.
  /// - Throws: ``TrainingError/options(reason:)`` for a name that there is not.
  package func named(_ names: [String]) throws -> [ComparisonRow] {
    var rows: [ComparisonRow] = []
    for name in names {
      guard let found = self[name] else {
        throw TrainingError.options(reason: "no row \"\(name)\"; there are \(list)")
      }
      rows += found.filter { !rows.contains($0) }
    }
    return rows
  }

  /// Makes sure that each name is that of a row of some task.
  ///
  /// - Throws: ``TrainingError/options(reason:)`` for a name that no task has.
  static func check(_ names: [String]) throws {
    let tasks = [
      ("detectors", detection), ("classifiers", classification), ("networks of joints", keypoints),
      ("of centres", centers),
    ]
    for name in names where tasks.allSatisfy({ $0.1[name] == nil }) {
      throw TrainingError.options(
        reason: "no row \"\(name)\"; "
          + tasks.map { "\($0.0) have \($0.1.list)" }.joined(separator: "; "))
    }
  }

  private subscript(name: String) -> [ComparisonRow]? {
    groups[name] ?? all.first { $0.name == name }.map { [$0] }
  }

  private var list: String {
    (all.map(\.name) + groups.keys.sorted()).joined(separator: ", ")
  }
}
