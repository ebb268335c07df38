extension DatasetCheck {
  /// What was read and how often each kind of problem occurs, for people.
  package var summary: String {
    let objects = objectCounts.values.reduce(0, +)
    let width = objectCounts.keys.map(\.count).max() ?? 0
    var lines = [
      "\(annotationCount) annotations, \(imageCount) readable images, \(objects) objects "
        + "(\(difficultCount) difficult) of \(objectCounts.count) classes:"
    ]
    for (name, count) in objectCounts.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(name)" + String(repeating: " ", count: width - name.count) + "  \(count)")
    }
    lines += list("note", notes)
    lines += problems.isEmpty ? ["no problems"] : list("problem", problems)
    return lines.joined(separator: "\n") + "\n"
  }

  private func list(_ word: String, _ findings: [DataProblem]) -> [String] {
    if findings.isEmpty { return [] }
    return ["\(findings.count) \(word)\(findings.count == 1 ? "" : "s"):"]
      + DataProblem.summary(of: findings).map { "  " + $0 }
  }
}
