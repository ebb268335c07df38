package import Evaluation

/// A line of a run's log: what was measured after an iteration.
package struct RunLogRecord: Sendable, Equatable {
  /// What kind of line it is.
  package enum Kind: String, Sendable {
    /// Losses and speed since the last line of this kind.
    case training
    /// Results on the validation images.
    case evaluation
  }

  /// What kind of line it is.
  package var kind: Kind
  /// The iteration that had been done.
  package var iteration: Int
  /// The pass over the training images, with its fraction.
  package var epoch: Double
  /// Wall time since the start of the run, pauses left out.
  package var seconds: Double
  /// Measured values by column; a column that has none stays empty.
  package var values: [String: Double]

  /// A line of a run's log.
  package init(
    _ kind: Kind, iteration: Int, epoch: Double, seconds: Double, values: [String: Double] = [:]
  ) {
    self.kind = kind
    self.iteration = iteration
    self.epoch = epoch
    self.seconds = seconds
    self.values = values
  }

  /// The line of an evaluation: mAP by the VOC metrics.
  package init(_ report: EvaluationReport, iteration: Int, epoch: Double, seconds: Double) {
    self.init(.evaluation, iteration: iteration, epoch: epoch, seconds: seconds)
    for metric in [EvaluationMetric.voc07, .voc12] {
      values["mAP_\(metric.rawValue)"] = report.meanAveragePrecision(metric)
    }
  }
}

/// The columns of a run's log.
package struct RunLogColumns: Sendable, Equatable {
  /// The columns that every line fills.
  static let fixed = ["kind", "iteration", "epoch", "seconds"]
  /// The names of the columns for measured values, in order.
  package let values: [String]

  /// Columns for measured values besides kind, iteration, epoch and seconds; names must differ.
  package init(_ values: [String]) {
    precondition(Set(values + RunLogColumns.fixed).count == values.count + 4, "repeated column")
    self.values = values
  }

  /// The columns of detector training: `learning_rate`, the losses, the same per head
  /// (`box_1`, …, in layer order), and speed, input size and mAP.
  ///
  /// - Parameters:
  ///   - headCount: Detection heads of the network.
  ///   - isBayesian: Whether heads have branches, whose loss is called `auxiliary`.
  ///   - metrics: Names of the metrics, for example `voc07`; columns `mAP_voc07`, ….
  /// - Returns: The columns.
  package static func detection(
    headCount: Int, isBayesian: Bool = false, metrics: [String] = ["voc07", "voc12"]
  ) -> Self {
    let losses = ["box", "objectness", "class"] + (isBayesian ? ["auxiliary"] : [])
    let perHead = (1...max(1, headCount)).flatMap { head in losses.map { "\($0)_\(head)" } }
    return RunLogColumns(
      ["learning_rate", "loss"] + losses + perHead
        + ["gradient_norm", "images_per_second", "wait_share", "input_width", "input_height"]
        + metrics.map { "mAP_\($0)" })
  }

  var header: [String] { RunLogColumns.fixed + values }

  /// The fields of a record in the order of the columns.
  func fields(_ record: RunLogRecord) -> [String] {
    let unknown = record.values.keys.filter { !values.contains($0) }
    precondition(unknown.isEmpty, "no column for \(unknown.sorted())")
    return [
      record.kind.rawValue, String(record.iteration), String(record.epoch), String(record.seconds),
    ] + values.map { record.values[$0].map { String($0) } ?? "" }
  }

  /// The record of a line; throws a reason.
  func record(_ fields: [String]) throws(RunLogReason) -> RunLogRecord {
    guard fields.count == header.count else {
      throw RunLogReason("\(fields.count) fields, the header has \(header.count)")
    }
    guard let kind = RunLogRecord.Kind(rawValue: fields[0]) else {
      throw RunLogReason("\"\(fields[0])\" is no kind of line")
    }
    guard let iteration = Int(fields[1]), let epoch = Double(fields[2]),
      let seconds = Double(fields[3])
    else { throw RunLogReason("iteration, epoch or seconds is not a number") }
    var record = RunLogRecord(kind, iteration: iteration, epoch: epoch, seconds: seconds)
    for (name, field) in zip(values, fields.dropFirst(4)) where !field.isEmpty {
      guard let value = Double(field) else {
        throw RunLogReason("\"\(field)\" in column \(name) is not a number")
      }
      record.values[name] = value
    }
    return record
  }
}

/// Why a line of a log cannot be used; the place is added by the reader.
struct RunLogReason: Error {
  let text: String
  init(_ text: String) { self.text = text }
}
