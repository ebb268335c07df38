package import Tasks

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

  /// The line of an evaluation.
  package init(_ scores: Scores, iteration: Int, epoch: Double, seconds: Double) {
    self.init(
      .evaluation, iteration: iteration, epoch: epoch, seconds: seconds, values: scores.columns)
  }
}

/// The columns of a run's log.
package struct RunLogColumns: Sendable {
  /// The columns that every line fills.
  static let fixed = ["kind", "iteration", "epoch", "seconds"]
  /// The names of the columns for measured values, in order.
  package let values: [String]
  /// Those of them that logs of older versions lack.
  let recent: Set<String>

  /// Columns for measured values besides kind, iteration, epoch and seconds; names must differ.
  package init(_ values: [String], recent: Set<String> = []) {
    precondition(Set(values + RunLogColumns.fixed).count == values.count + 4, "repeated column")
    self.values = values
    self.recent = recent
  }

  /// The columns of a task's training: `learning_rate`, the loss and its parts, the same per output
  /// (`box_1`, …, in layer order), speed, input size, and the scores.
  ///
  /// - Parameters:
  ///   - parts: The parts of the loss.
  ///   - outputCount: Outputs that have a loss.
  ///   - measure: What the scores measure; columns `mAP_voc12`, …, `precision`, ….
  /// - Returns: The columns.
  package static func training(parts: [String], outputCount: Int, measure: ScoreMeasure) -> Self {
    let perOutput = (1...max(1, outputCount)).flatMap { output in
      parts.map { "\($0)_\(output)" }
    }
    let details = measure.details.map(\.column)
    return RunLogColumns(
      ["learning_rate", "loss"] + parts + perOutput
        + ["gradient_norm", "images_per_second", "wait_share", "input_width", "input_height"]
        + measure.columns + details, recent: Set(details))
  }

  /// The parts of the loss, summed over the outputs.
  package var lossParts: [String] {
    Array(values.drop { $0 != "loss" }.dropFirst().prefix { !$0.hasSuffix("_1") })
  }

  /// What evaluations measure: scores, then details.
  package var judged: [String] { Array(values.drop { $0 != "input_height" }.dropFirst()) }

  /// The scores: what they measure, and by which rule.
  package var scores: [(measure: String, rule: String)] {
    judged.compactMap { column in
      let parts = column.split(separator: "_", maxSplits: 1).map(String.init)
      return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
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
