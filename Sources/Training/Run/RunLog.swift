import Files
import Foundation

/// The log of a run, `log.csv`: a header, then one line per logged iteration and per evaluation.
///
/// Every line reaches the file in one piece as soon as it is measured. Numbers are written so that
/// reading gives the same values.
package final class RunLog {
  /// The file.
  package let path: String
  /// The columns, fixed from the first line on.
  package let columns: RunLogColumns
  /// The wall time up to the last line, to continue counting from.
  package private(set) var seconds: Double
  private let descriptor: Int32

  private init(path: String, columns: RunLogColumns, seconds: Double) throws {
    self.path = path
    self.columns = columns
    self.seconds = seconds
    descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw AtomicFile.Sink.error(path, "cannot be written") }
  }

  deinit { close(descriptor) }

  /// Begins a log, replacing any file of that name.
  ///
  /// - Throws: ``FileError`` if the system refuses.
  package static func create(_ path: String, columns: RunLogColumns) throws -> RunLog {
    try AtomicFile.write(CommaSeparatedValues.line(columns.header), to: path)
    return try RunLog(path: path, columns: columns, seconds: 0)
  }

  /// A log that nobody reads: of several ranks the first alone writes.
  ///
  /// - Throws: ``FileError`` if the system has no `/dev/null`.
  package static func discarded(columns: RunLogColumns) throws -> RunLog {
    try RunLog(path: "/dev/null", columns: columns, seconds: 0)
  }

  /// Continues a log after an iteration; what was written after it is removed.
  ///
  /// A run that was killed has logged more than its last checkpoint knows; those iterations are
  /// done, and logged, again. A log that is missing, or lost the end of its header, is begun.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - columns: Must be those of the file.
  ///   - iteration: The last iteration to keep.
  /// - Returns: The log, open for more lines.
  /// - Throws: ``TrainingError/log(path:line:reason:)`` if the columns differ or a line cannot be
  ///   used, ``FileError`` if the system refuses.
  package static func resume(
    _ path: String, columns: RunLogColumns, after iteration: Int
  ) throws -> RunLog {
    guard FileManager.default.fileExists(atPath: path) else {
      return try create(path, columns: columns)
    }
    // A header that a crash cut short is no other program's file.
    let header = CommaSeparatedValues.line(columns.header)
    if let text = try? String(contentsOfFile: path, encoding: .utf8),
      text.utf8.count < header.utf8.count, header.hasPrefix(text)
    {
      return try create(path, columns: columns)
    }
    let log = try Contents(path)
    // Their order may be that of another version, which may also have had fewer.
    let missing = Set(columns.values).subtracting(log.columns.values)
    guard missing.isSubset(of: columns.recent),
      log.columns.values.allSatisfy(columns.values.contains)
    else {
      throw TrainingError.log(
        path: path, line: 1, reason: "has other columns than this run; use a new --out")
    }
    // An evaluation may only be repeated together with its iteration, so a prefix is kept.
    let kept = log.lines.prefix { $0.record.iteration <= iteration }
    let seconds = kept.last?.record.seconds ?? 0
    guard missing.isEmpty else {
      let lines = kept.map { CommaSeparatedValues.line(columns.fields($0.record)) }
      try AtomicFile.write(header + lines.joined(), to: path)
      return try RunLog(path: path, columns: columns, seconds: seconds)
    }
    let end = kept.last?.end ?? log.headerEnd
    if end < log.bytes.count {
      try AtomicFile.write(to: path) { try $0.write([UInt8](log.bytes[..<end])) }
    }
    return try RunLog(path: path, columns: log.columns, seconds: seconds)
  }

  /// Adds a line; its values must have columns.
  ///
  /// - Throws: ``FileError``, for example if the disk is full.
  package func append(_ record: RunLogRecord) throws {
    let line = Array(CommaSeparatedValues.line(columns.fields(record)).utf8)
    try line.withUnsafeBytes { try writeAll($0, to: descriptor, path: path) }
    seconds = record.seconds
  }

  /// Reads a log, to plot it.
  ///
  /// A last line without its end, which a killed run may leave, is left out.
  ///
  /// - Throws: ``TrainingError/log(path:line:reason:)`` if a line cannot be used,
  ///   ``FileError`` if the system refuses.
  package static func read(_ path: String) throws -> Content {
    let log = try Contents(path)
    return (log.columns, log.lines.map(\.record))
  }

  /// What a log holds.
  package typealias Content = (columns: RunLogColumns, records: [RunLogRecord])
}

/// What a log file holds.
private struct Contents {
  let bytes: [UInt8]
  let columns: RunLogColumns
  let headerEnd: Int
  let lines: [(record: RunLogRecord, end: Int)]

  init(_ path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileError(path: path, reason: "cannot be read")
    }
    bytes = Array(data)
    let records = CommaSeparatedValues.records(bytes)
    guard let header = records.first, header.isComplete,
      Array(header.fields.prefix(4)) == RunLogColumns.fixed,
      Set(header.fields).count == header.fields.count
    else {
      throw TrainingError.log(path: path, line: 1, reason: "is not the header of a run's log")
    }
    let columns = RunLogColumns(Array(header.fields.dropFirst(4)))
    lines = try records.dropFirst().filter(\.isComplete).map { line in
      do throws(RunLogReason) {
        return (try columns.record(line.fields), line.end)
      } catch {
        throw TrainingError.log(path: path, line: line.line, reason: error.text)
      }
    }
    if let rest = records.last, !rest.isComplete,
      rest.fields.contains(where: { $0.contains("\n") })
    {
      throw TrainingError.log(path: path, line: rest.line, reason: "a quotation mark is not closed")
    }
    headerEnd = header.end
    self.columns = columns
  }
}
