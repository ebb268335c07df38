import Foundation
import Keypoints

extension KeypointCheck {
  /// What was read, how often each keypoint is labelled, and how often each kind of problem occurs, for
  /// people.
  package var summary: String {
    let width = layout.names.map(\.count).max() ?? 0
    var lines = [
      hasCenters
        ? "\(sampleCount) annotated images, \(imageCount) readable, \(labelledCounts.reduce(0, +)) "
          + "centres:"
        : "\(sampleCount) persons, \(imageCount) readable images, keypoints and how many persons they "
          + "are labelled in:"
    ]
    for (index, name) in layout.names.enumerated() {
      let count = labelledCounts[index]
      var line = "  \(name)" + String(repeating: " ", count: width - name.count) + "  \(count)"
      if !hasCenters {
        line += String(format: " (%.1f %%)", 100 * Double(count) / Double(max(1, sampleCount)))
      }
      if occludedCounts[index] > 0 { line += ", \(occludedCounts[index]) hidden" }
      lines.append(line)
    }
    let problems = findings.filter { !$0.kind.isNote }
    lines += list("note", findings.filter(\.kind.isNote))
    lines += problems.isEmpty ? ["no problems"] : list("problem", problems)
    return lines.joined(separator: "\n") + "\n"
  }

  private func list(_ word: String, _ findings: [DataProblem]) -> [String] {
    if findings.isEmpty { return [] }
    return ["\(findings.count) \(word)\(findings.count == 1 ? "" : "s"):"]
      + DataProblem.summary(of: findings).map { "  " + $0 }
  }
}
