import Files
import Foundation

extension EvaluationReport {
  /// A table for people: a line per class, the means, and what they depend on.
  ///
  /// AP is in per cent.
  package var table: String {
    var columns: [(title: String, cells: [String])] = [
      ("class", counts.classes.map(\.name) + ["mean"]),
      ("objects", counts.classes.map { "\($0.objects)" } + [""]),
      ("difficult", counts.classes.map { "\($0.difficult)" } + [""]),
      ("detections", counts.classes.map { "\($0.detections)" } + [""]),
      ("right", counts.classes.map { "\($0.truePositives)" } + [""]),
      ("wrong", counts.classes.map { "\($0.falsePositives)" } + [""]),
      ("ignored", counts.classes.map { "\($0.ignored)" } + [""]),
    ]
    for (metric, result) in results {
      switch result {
      case .voc(let evaluation):
        columns.append(
          (
            metric.rawValue,
            (evaluation.classes.map(\.averagePrecision) + [evaluation.meanAveragePrecision])
              .map(Self.percent)
          ))
      case .coco(let evaluation):
        let rows = evaluation.classes.map(\.summary) + [evaluation.summary]
        columns.append(("coco", rows.map { Self.percent($0.ap) }))
        columns.append(("AP50", rows.map { Self.percent($0.ap50) }))
        columns.append(("AP75", rows.map { Self.percent($0.ap75) }))
      }
    }
    var text = (Self.aligned(columns) + footnotes).joined(separator: "\n") + "\n"
    if let thresholds { text += "\n" + thresholds.table }
    if let trust { text += "\n" + trust.table }
    if let probability {
      text += "  probability  of being right, against the confidence: \(probability.text)\n"
    }
    for reference in references { text += "\n" + reference.text }
    if let comparison { text += "\n" + comparison.table }
    if let verdict { text += "\n" + verdict.sentences.joined(separator: "\n") + "\n" }
    return text
  }

  private var footnotes: [String] {
    let comparison = matcher.comparison == .atLeast ? "≥" : ">"
    var lines = [
      "",
      "AP in %; right: IoU \(comparison) \(Self.short(matcher.threshold)); ignored: detections of"
        + " difficult objects",
      "\(counts.imageCount) images, \(counts.imagesWithoutDetections) of them without detections"
        + (unreadableImages > 0 ? "; \(unreadableImages) more could not be read" : ""),
    ]
    let headlines = results.compactMap { metric, _ in
      intervals[metric].flatMap { estimate in
        estimate.mean.interval.map {
          "\(metric.rawValue) \(Self.percent(estimate.mean.value)) [\(Self.percent($0.lower)),"
            + " \(Self.percent($0.upper))]"
        }
      }
    }
    if let level = intervals.values.lazy.compactMap(\.mean.interval?.level).first {
      lines.append(
        "mAP with \(Self.short(100 * level)) % intervals over images: "
          + headlines.joined(separator: ", "))
    }
    lines += cocoLines
    let absent = counts.classes.filter { $0.objects == 0 }
    if !absent.isEmpty {
      let rule = absent[0].averagePrecision == nil ? "n/a, not in the mean" : "AP 0 in VOC means"
      lines.append("classes without objects: \(absent.count) (\(rule))")
    }
    if !settings.isEmpty {
      lines.append(settings.map { "\($0.name) \($0.value)" }.joined(separator: ", "))
    }
    lines += notes.map { "note: " + $0 }
    return lines
  }

  /// COCO's numbers with intervals, where there are any.
  private var cocoLines: [String] {
    for case (_, .coco(let evaluation)) in results {
      func text(_ name: String, _ number: COCOEvaluation.Number) -> String {
        let interval = cocoEstimate?[number].interval.map {
          " [\(Self.percent($0.lower)), \(Self.percent($0.upper))]"
        }
        return name + Self.percent(evaluation.summary[number]) + (interval ?? "")
      }
      let parts = [
        text("coco AP ", .ap) + ", " + text("AP50 ", .ap50) + ", " + text("AP75 ", .ap75),
        text("  AP small ", .apSmall) + ", " + text("medium ", .apMedium) + ", "
          + text("large ", .apLarge),
        text("  recall with 1 ", .ar1) + ", " + text("10 ", .ar10) + ", "
          + text("100 detections ", .ar100),
      ]
      return parts
    }
    return []
  }

  static func percent(_ value: Double?) -> String { NumberText.percent(value, digits: 2) }

  private static func short(_ value: Double) -> String { String(format: "%g", value) }

  /// A rule stands above the last line.
  private static func aligned(_ columns: [(title: String, cells: [String])]) -> [String] {
    let rows = (columns.first?.cells ?? []).indices.map { row in columns.map { $0.cells[row] } }
    let table = TextTable([columns.map(\.title)] + rows)
    guard table.width > TextTable.usualWidth else {
      return table.lines.dropLast() + [table.rule] + table.lines.suffix(1)
    }
    return TextTable.folded([columns.map(\.title)] + rows)
  }
}
