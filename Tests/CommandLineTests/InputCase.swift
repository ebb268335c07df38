import Foundation
import Testing

/// A change of one of ``EvaluationFiles`` and what the program says about it.
struct InputCase {
  /// What is done to one file.
  enum Change {
    /// Text is put at its end, or makes the file.
    case end(String)
    /// The first of some text is replaced.
    case swap(String, String)
    /// All of it is replaced.
    case all(String)
    /// It is removed.
    case remove
  }

  let file: String
  let change: Change
  let message: String

  init(_ file: String, _ change: Change, _ message: String) {
    self.file = file
    self.change = change
    self.message = message
  }

  /// Runs a command on changed files, which are put back.
  private func outcome(
    _ detector: Program, _ command: [String], _ truth: [String], _ detections: String
  ) throws -> Outcome {
    let url = detector.folder.appending(path: file)
    let before = try? Data(contentsOf: url)
    let text = String(decoding: before ?? Data(), as: UTF8.self)
    switch change {
    case .end(let more): try Data((text + more).utf8).write(to: url)
    case .swap(let old, let new):
      let range = try #require(text.range(of: old), "\(file): \(old)")
      try Data(text.replacingCharacters(in: range, with: new).utf8).write(to: url)
    case .all(let new): try Data(new.utf8).write(to: url)
    case .remove: try FileManager.default.removeItem(at: url)
    }
    defer {
      if let before {
        try? before.write(to: url)
      } else {
        try? FileManager.default.removeItem(at: url)
      }
    }
    return try detector.run(command + truth + ["--detections", detections])
  }

  private static let evaluation = ["eval", "--map-only", "--bootstrap", "0"]

  /// Expects of every case an error, exit code 1 and no number.
  static func expectErrors(
    _ truth: [String], _ detections: String, _ cases: [InputCase],
    command: [String] = evaluation, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try Fixture.use { detector in
      try EvaluationFiles.write(for: detector)
      for one in cases {
        let result = try one.outcome(detector, command, truth, detections)
        #expect(
          result.status == 1 && result.output == "", "\(one): \(result.output)",
          sourceLocation: sourceLocation)
        // What was left out of a data set stands above the error.
        let last = result.errors.split(separator: "\n").last.map(String.init)
        let message = one.message.replacing("FOLDER", with: detector.folder.path)
        #expect(last == "Error: " + message, "\(one)", sourceLocation: sourceLocation)
      }
    }
  }

  /// Expects of every case numbers and a note.
  static func expectNotes(
    _ truth: [String], _ detections: String, _ cases: [InputCase],
    command: [String] = evaluation, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try Fixture.use { detector in
      try EvaluationFiles.write(for: detector)
      for one in cases {
        let result = try one.outcome(detector, command, truth, detections)
        #expect(result.status == 0, "\(one): \(result.errors)", sourceLocation: sourceLocation)
        let message = one.message.replacing("FOLDER", with: detector.folder.path)
        #expect(
          ("\n" + result.output + result.errors).contains("\nnote: " + message),
          "\(one): \(result.output)\(result.errors)", sourceLocation: sourceLocation)
      }
    }
  }
}
