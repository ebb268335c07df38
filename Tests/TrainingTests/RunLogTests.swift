import Files
import Foundation
import Tasks
import TestSupport
import Testing
import Training

@Suite struct RunLogTests {
  static let columns = RunLogColumns(["loss", "a,b", "say \"x\"\nand y"])

  static func record(_ iteration: Int, _ kind: RunLogRecord.Kind = .training) -> RunLogRecord {
    RunLogRecord(
      kind, iteration: iteration, epoch: Double(iteration) / 7, seconds: Double(iteration) * 0.1,
      values: kind == .training ? ["loss": 1 / Double(iteration)] : ["a,b": 0.3, "loss": -0.0])
  }

  static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
  }

  @Test func writesOneLineAtATime() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/log.csv"
      let log = try RunLog.create(path, columns: Self.columns)
      try log.append(
        RunLogRecord(.training, iteration: 1, epoch: 0.5, seconds: 2, values: ["loss": 1e-20]))
      let header = "kind,iteration,epoch,seconds,loss,\"a,b\",\"say \"\"x\"\"\nand y\"\n"
      #expect(try Self.text(path) == header + "training,1,0.5,2.0,1e-20,,\n")
      try log.append(
        RunLogRecord(.evaluation, iteration: 1, epoch: 0.5, seconds: 3, values: ["a,b": .nan]))
      #expect(
        try Self.text(path)
          == header + "training,1,0.5,2.0,1e-20,,\nevaluation,1,0.5,3.0,,nan,\n")
      #expect(log.seconds == 3)
    }
  }

  @Test func readsWhatItWrote() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/log.csv"
      let records = (1...20).flatMap { [Self.record($0), Self.record($0, .evaluation)] }
      let log = try RunLog.create(path, columns: Self.columns)
      for record in records { try log.append(record) }
      let read = try RunLog.read(path)
      #expect(read.columns.values == Self.columns.values)
      #expect(read.records == records)
      // A spreadsheet saves with carriage returns.
      let windows = try Self.text(path).replacing("\n", with: "\r\n")
        .replacing("\"\r\n", with: "\"\n").replacing("x\"\"\r\n", with: "x\"\"\n")
      try Data(windows.utf8).write(to: URL(filePath: path))
      #expect(try RunLog.read(path).records == records)
    }
  }

  /// What came after the checkpoint goes, and so does half a line; the rest stays byte by byte.
  @Test(arguments: [0, 1, 3, 5, 9])
  func resumesAfterAnIteration(_ iteration: Int) throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/log.csv"
      func write(_ iterations: [Int]) throws -> String {
        let log = try RunLog.create(path, columns: Self.columns)
        for i in iterations {
          try log.append(Self.record(i))
          if i % 3 == 0 { try log.append(Self.record(i, .evaluation)) }
        }
        return try Self.text(path)
      }
      let expected = try write((1...5).filter { $0 <= iteration })
      let whole = try write(Array(1...5))
      try Data((whole + "training,6,0.").utf8).write(to: URL(filePath: path))

      let log = try RunLog.resume(path, columns: Self.columns, after: iteration)
      #expect(try Self.text(path) == expected)
      #expect(log.seconds == Double(min(iteration, 5)) * 0.1)
      try log.append(Self.record(6))
      #expect(try RunLog.read(path).records.last == Self.record(6))
      #expect(try Self.text(path).hasPrefix(expected))
    }
  }

  @Test(arguments: [nil, "", "kind,iter"])
  func beginsALogThatIsMissingOrLostItsHeader(content: String?) throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/log.csv"
      if let content { try Data(content.utf8).write(to: URL(filePath: path)) }
      _ = try RunLog.resume(path, columns: Self.columns, after: 10)
      #expect(try RunLog.read(path).records == [])
    }
  }

  @Test func refusesOtherColumns() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/log.csv"
      _ = try RunLog.create(path, columns: RunLogColumns(["loss"]))
      #expect(
        throws: TrainingError.log(
          path: path, line: 1, reason: "has other columns than this run; use a new --out")
      ) { try RunLog.resume(path, columns: Self.columns, after: 1) }
    }
  }

  @Test(arguments: [
    ("", 1, "is not the header of a run's log"),
    ("a,b,c,d\n", 1, "is not the header of a run's log"),
    ("kind,iteration,epoch,seconds,x,x\n", 1, "is not the header of a run's log"),
    ("kind,iteration,epoch,seconds,x\ntraining,1,1,1\n", 2, "4 fields, the header has 5"),
    (
      "kind,iteration,epoch,seconds\ntraining,1,1,1\nhello,1,1,1\n", 3,
      "\"hello\" is no kind of line"
    ),
    (
      "kind,iteration,epoch,seconds\ntraining,1.5,1,1\n", 2,
      "iteration, epoch or seconds is not a number"
    ),
    (
      "kind,iteration,epoch,seconds,x\ntraining,1,1,1,y\n", 2,
      "\"y\" in column x is not a number"
    ),
    (
      "kind,iteration,epoch,seconds\ntraining,1,1,\"1\ntraining,2,1,1\n", 2,
      "a quotation mark is not closed"
    ),
  ])
  func refuses(text: String, line: Int, reason: String) throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/log.csv"
      try Data(text.utf8).write(to: URL(filePath: path))
      #expect(throws: TrainingError.log(path: path, line: line, reason: reason)) {
        try RunLog.read(path)
      }
    }
  }

  @Test func reportsAFullDisk() async throws {
    await #expect(processExitsWith: .success) {
      try withTemporaryFolder { folder in
        let path = folder.path + "/log.csv"
        let log = try RunLog.create(path, columns: Self.columns)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 100, rlim_max: 100)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        #expect(throws: FileError(path: path, reason: "cannot be written: File too large")) {
          for i in 1...5 { try log.append(Self.record(i)) }
        }
      }
    }
  }

  /// A run of an older version goes on: the columns that it lacks come, and what it logged stays.
  @Test func aResumedLogGainsTheColumnsThatWereAdded() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/log.csv"
      let log = try RunLog.create(path, columns: RunLogColumns(["loss", "score"]))
      for i in 1...3 { try log.append(Self.record(i, loss: Double(i))) }
      let columns = RunLogColumns(["loss", "score", "recall"], recent: ["recall"])
      let resumed = try RunLog.resume(path, columns: columns, after: 2)
      #expect(resumed.seconds == 0.2)
      try resumed.append(
        RunLogRecord(.evaluation, iteration: 3, epoch: 1, seconds: 1, values: ["recall": 0.5]))
      let read = try RunLog.read(path)
      #expect(read.columns.values == columns.values)
      #expect(
        read.records.prefix(2) == [Self.record(1, loss: 1), Self.record(2, loss: 2)])
      #expect(read.records.last?.values == ["recall": 0.5])
      // Nothing else may be missing, and nothing may be too many.
      for other in [RunLogColumns(["loss", "recall", "score", "speed"]), RunLogColumns(["loss"])] {
        #expect(throws: TrainingError.self) {
          try RunLog.resume(path, columns: other, after: 2)
        }
      }
    }
  }

  private static func record(_ iteration: Int, loss: Double) -> RunLogRecord {
    RunLogRecord(
      .training, iteration: iteration, epoch: Double(iteration), seconds: Double(iteration) * 0.1,
      values: ["loss": loss])
  }

  @Test func hasAColumnForEveryHead() {
    let columns = RunLogColumns.training(
      parts: ["box", "objectness", "class"], outputCount: 2,
      measure: ScoreMeasure(
        name: "mAP", key: "MeanAveragePrecision", rules: ["voc07"],
        details: [.init("recall", said: nil)])
    ).values
    #expect(
      columns == [
        "learning_rate", "loss", "box", "objectness", "class", "box_1", "objectness_1", "class_1",
        "box_2", "objectness_2", "class_2", "gradient_norm", "images_per_second", "wait_share",
        "input_width", "input_height", "mAP_voc07", "recall",
      ])
  }
}
