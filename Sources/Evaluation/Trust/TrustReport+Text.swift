import Files
import Foundation

extension TrustReport {
  /// A short table for people, in per cent (NLL in nats), with intervals where there are any.
  package var table: String {
    let group = overall
    let floor = String(format: "%g", options.scoreFloor)
    var lines = [
      "trust in the \(group.decisions.count) detections with confidence ≥ \(floor), of which"
        + " \(group.decisions.wrong) are wrong"
    ]
    let numbers = group.decisions.calibration
    let calibration = [
      ("D-ECE", numbers.error), ("by box", group.boxCalibration), ("LaECE", numbers.qualityError),
      ("Brier", numbers.brier),
    ].filter { $0.1.value != nil }.map { "\($0.0) \($0.1.text())" }
    if calibration.isEmpty {
      lines.append("  calibration  n/a: it takes detections with confidences in 0...1")
    } else {
      let nll = numbers.negativeLogLikelihood
      lines += TextTable.listed(
        "  calibration  ", calibration + ["NLL \(nll.text(scale: 1, digits: 3))"])
    }
    let parts = group.localization
    lines += TextTable.listed(
      "  oLRP         ",
      [
        "\(parts.error.text()): boxes \(parts.localization.text())",
        "wrong \(parts.falsePositives.text())", "missed \(parts.falseNegatives.text())",
      ])
    lines += errorLines
    if group.decisions.count > 0 { lines.append(operatingLine) }
    if let edges { lines += edges.lines }
    lines += mistakeLines
    return lines.joined(separator: "\n") + "\n"
  }

  private var errorLines: [String] {
    let rows = overall.decisions.errorFinding.map { finding in
      [
        "  " + finding.score.title, finding.areaUnderROC.text(),
        finding.areaUnderROCGain?.text() ?? "",
      ]
    }
    guard !rows.isEmpty, overall.decisions.count > 0 else { return [] }
    let table =
      [["  wrong ones told by", "AUROC", "AUROC gained"]] + rows
    // The other measures, with their intervals, are in eval.json: all of them would be wider than a terminal.
    return TextTable.folded(table, .texts)
  }

  private var operatingLine: String {
    let target = String(format: "%g", 100 * options.maximumRisk)
    guard let pick = operatingPoint else {
      return "  threshold    none promises at most \(target) % wrong ones"
    }
    return TextTable.listed(
      "  threshold    ",
      [
        String(
          format: "confidence ≥ %.3f: at most %@ %% wrong with 95 %% certainty",
          1 - pick.point.score, target),
        String(format: "%.1f %% here (Clopper-Pearson)", 100 * pick.point.risk),
        String(format: "keeps %.0f %%", 100 * pick.point.coverage),
      ]
    ).joined(separator: "\n")
  }

  private var mistakeLines: [String] {
    let kinds = ErrorBreakdown.Kind.allCases
    var lines = TextTable.listed(
      "  mistakes     ", kinds.map { "\($0.title) \(mistakes.total[$0])" })
    if kinds.contains(where: { mistakes.share(of: $0) != nil }) {
      lines += TextTable.listed(
        "  mAP regained ",
        kinds.map { "\($0.title) \(NumberText.percent(mistakes.gains[$0]))" })
      lines.append("               (each kind alone put right)")
    }
    return lines
  }
}

extension ErrorBreakdown.Kind {
  /// What tables call it.
  package var title: String {
    switch self {
    case .duplicate: "duplicate"
    case .localization: "badly placed"
    case .wrongClass: "wrong class"
    case .wrongClassAndLocalization: "both"
    case .background: "background"
    case .missed: "missed"
    }
  }
}
