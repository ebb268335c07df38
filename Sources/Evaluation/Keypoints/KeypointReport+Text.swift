import Files
import Foundation

extension KeypointReport {
  /// The numbers for people, in per cent and pixels, with intervals where there are any.
  package var table: String {
    var lines = kind == .joints ? jointLines : centerLines
    lines += trustLines
    lines +=
      settings.isEmpty ? [] : [settings.map { "\($0.name) \($0.value)" }.joined(separator: ", ")]
    lines += notes.map { "note: " + $0 }
    if unreadableImages > 0 { lines.append("note: \(unreadableImages) more could not be read") }
    return lines.joined(separator: "\n") + "\n" + references.map { "\n" + $0.text }.joined()
  }

  private var jointLines: [String] {
    let titles = rows.first?.figures.map(\.title) ?? []
    let table = TextTable(
      [["joint", "annotated"] + titles]
        + rows.map { row in
          [row.name, "\(row.annotated)"]
            + row.figures.enumerated().map { index, figure in
              // The last column is narrow: the median's interval is in the file.
              index < 2 ? figure.text : figure.plain
            }
        })
    var lines = table.lines
    if !pairs.isEmpty {
      lines += Self.wrapped(
        "pairs", pairs.compactMap { row in row.figures.first.map { "\(row.name) \($0.plain)" } })
    }
    lines += ["", "\(sampleCount) persons in \(imageCount) images; shares in %, errors in pixels"]
    lines += TextTable(figures.map { ["  " + $0.title, $0.text] }, .texts).lines
    if similarity.isEmpty {
      lines += withoutSimilarity.map { [$0] } ?? []
    } else {
      lines += Self.wrapped("COCO", similarity.map { "\($0.title) \($0.text)" })
    }
    return lines
  }

  private var centerLines: [String] {
    var lines: [String] = []
    if rows.count > 1 {
      // The others are in the file.
      func shown(_ row: Row) -> [Figure] {
        row.figures.filter { !["medianError", "countDeviation"].contains($0.key) }
      }
      let titles = shown(rows[0]).map(\.title)
      lines +=
        TextTable(
          [["kind", "objects"] + titles]
            + rows.map { row in [row.name, "\(row.annotated)"] + shown(row).map(\.plain) }
        ).lines
      lines.append("")
    }
    let objects = rows.reduce(0) { $0 + $1.annotated }
    lines.append("\(objects) objects in \(imageCount) images; shares in %, errors in pixels")
    // Keys end with the radius.
    var radii: [String] = []
    var cells: [[String]] = []
    for figure in figures {
      let parts = figure.key.split(separator: "@")
      guard parts.count == 2 else { continue }
      let radius = String(parts[1])
      if !radii.contains(radius) { radii.append(radius) }
      if let row = cells.firstIndex(where: { $0[0] == "  " + figure.title }) {
        cells[row].append(figure.text)
      } else {
        cells.append(["  " + figure.title, figure.text])
      }
    }
    lines += TextTable([["  within"] + radii.map { $0 + " px" }] + cells, .texts).lines
    let counts = figures.filter { !$0.key.contains("@") }
    lines.append("  " + counts.map { "\($0.title) \($0.text)" }.joined(separator: ", "))
    return lines
  }

  private var trustLines: [String] {
    let what = kind == .joints ? "joints" : "peaks"
    guard trust.count > 0 else { return ["no \(what) to judge the trust in"] }
    var lines = ["trust in \(trust.count) \(what), of which \(trust.wrong) are wrong"]
    let numbers = trust.calibration
    if numbers.error.value == nil {
      lines.append("  calibration n/a: it takes heights of peaks in 0...1")
    } else {
      lines += Self.wrapped(
        "  calibration",
        [
          "ECE \(numbers.error.text())", "Brier \(numbers.brier.text())",
          "NLL \(numbers.negativeLogLikelihood.text(scale: 1, digits: 3))",
        ])
    }
    let told = trust.errorFinding.map { finding in
      let correlation = correlations.first { $0.score == finding.score }
      return [
        "  " + finding.score.title, finding.areaUnderROC.text(),
        NumberText.percent(finding.areaUnderRiskCoverage.value),
        correlation?.estimate.text(scale: 1, digits: 2) ?? "n/a",
      ]
    }
    let header = ["  wrong ones told by", "AUROC", "AURC", "Spearman with px"]
    return lines + TextTable([header] + told, .texts).lines
  }

  /// Parts after a title, as many as fit into 80 columns on a line.
  private static func wrapped(_ title: String, _ parts: [String]) -> [String] {
    var lines = [title]
    var isFirst = true
    for (index, part) in parts.enumerated() {
      let text = part + (index + 1 < parts.count ? "," : "")
      if !isFirst, lines[lines.count - 1].count + 1 + text.count > 80 {
        lines.append(String(repeating: " ", count: title.count))
      }
      lines[lines.count - 1] += " " + text
      isFirst = false
    }
    return lines
  }
}

extension KeypointReport.Figure {
  private var scale: Double { unit == .share ? 100 : 1 }
  private var digits: Int { unit == .number ? 3 : 1 }

  /// For people, with its interval.
  package var text: String { estimate.text(scale: scale, digits: digits) }

  /// For people, without an interval.
  package var plain: String {
    NumberText.decimal(estimate.value.map { scale * $0 }, digits: digits)
  }
}
