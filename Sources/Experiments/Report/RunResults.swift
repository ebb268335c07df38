import Files
package import Training

/// The evaluations of a run as `results.csv`: one line each, columns named as Ultralytics names those
/// that mean the same.
///
///     epoch,time,train/box_loss,train/obj_loss,train/cls_loss,metrics/mAP50(B),…,precision,recall,lr/pg0
///
/// Losses are means per image of all updates since the line before. Precision and recall keep their own
/// names: they are of all classes' detections together, not means over classes.
enum RunResults {
  /// Columns of other names than the log's; a score that is not among them keeps the log's name.
  private static let names = [
    "learning_rate": "lr/pg0", "AP50": "metrics/mAP50(B)", "AP50to95": "metrics/mAP50-95(B)",
    "accuracy_top1": "metrics/accuracy_top1", "accuracy_top5": "metrics/accuracy_top5",
  ]
  private static let lossNames = ["objectness": "obj", "class": "cls"]

  /// Writes the file anew from the log.
  ///
  /// - Throws: ``TrainingError`` for a log that cannot be read, ``FileError``.
  static func write(of folder: RunFolder) throws {
    try AtomicFile.write(text(try RunLog.read(folder.log)), to: folder.results)
  }

  /// The table of a log.
  static func text(_ log: RunLog.Content) -> String {
    let parts = log.columns.lossParts
    let losses = parts.count > 1 ? parts : ["loss"]
    let header =
      ["epoch", "time"]
      + losses.map { $0 == "loss" ? "train/loss" : "train/\(lossNames[$0] ?? $0)_loss" }
      + log.columns.judged.map { names[$0] ?? $0 } + [names["learning_rate"] ?? ""]
    var lines = [CommaSeparatedValues.line(header)]
    var since: [RunLogRecord] = []
    var rate: Double?
    for record in log.records {
      guard record.kind == .evaluation else {
        since.append(record)
        rate = record.values["learning_rate"] ?? rate
        continue
      }
      let means = losses.map { mean(since, of: $0) }
      let values = means + log.columns.judged.map { record.values[$0] } + [rate]
      // Ultralytics counts from 1; a pass that is under way counts.
      let epoch = Int(record.epoch.rounded(.up))
      lines.append(
        CommaSeparatedValues.line(
          ["\(epoch)", NumberText.decimal(record.seconds, digits: 3)]
            + values.map { $0.map { "\($0)" } ?? "" }))
      since = []
    }
    return lines.joined()
  }

  private static func mean(_ records: [RunLogRecord], of column: String) -> Double? {
    let values = records.compactMap { $0.values[column] }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
