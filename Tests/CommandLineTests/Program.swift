import Foundation
import Testing

/// How a run of the program ended.
struct Outcome {
  let status: Int32
  let output: String
  let errors: String
}

/// The program under test, as a user runs it.
struct Program {
  /// Where it runs; relative paths are below it.
  let folder: URL

  /// It lies beside the test bundle.
  static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "detector")

  /// Runs a command to its end.
  func callAsFunction(_ arguments: String...) throws -> Outcome { try run(arguments) }

  /// Runs a command to its end.
  func run(_ arguments: [String]) throws -> Outcome {
    try start(arguments).wait()
  }

  /// Runs a command after some lines of bash, for example limits.
  func run(after setup: String, _ arguments: [String]) throws -> Outcome {
    try RunningProgram(
      URL(filePath: "/bin/bash"),
      ["-c", setup + "; exec \"$0\" \"$@\"", Program.executable.path] + arguments, in: folder
    ).wait()
  }

  /// Starts a command.
  func start(_ arguments: [String]) throws -> RunningProgram {
    try RunningProgram(Program.executable, arguments, in: folder)
  }

  /// Expects a documented error: one line, nothing else, exit code 1.
  func expectError(
    _ message: String, _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try run(arguments)
    #expect(outcome.errors == "Error: \(message)\n", sourceLocation: sourceLocation)
    #expect(outcome.output == "", sourceLocation: sourceLocation)
    #expect(outcome.status == 1, sourceLocation: sourceLocation)
  }

  /// The content of a JSON file.
  func json(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: folder.appending(path: name))
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// The bytes of a file.
  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: folder.appending(path: name))
  }

  /// Writes a file.
  func write(_ data: Data, to name: String) throws {
    try data.write(to: folder.appending(path: name))
  }

  /// Whether a file exists.
  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: name).path)
  }
}

/// A command that has been started; what it writes goes to files, so that no pipe can fill up.
final class RunningProgram {
  private let process = Process()
  private let output: URL
  private let errors: URL

  init(_ executable: URL, _ arguments: [String], in folder: URL) throws {
    let name = FileManager.default.temporaryDirectory
      .appending(path: "detector-output-\(UUID().uuidString)")
    output = name.appendingPathExtension("out")
    errors = name.appendingPathExtension("err")
    for file in [output, errors] { try Data().write(to: file) }
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
  }

  /// Sends a signal.
  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits until a condition holds, at most half a minute, or until the program has ended.
  func wait(until condition: () -> Bool) -> Bool {
    let deadline = Date().addingTimeInterval(30)
    while process.isRunning && Date() < deadline {
      if condition() { return true }
      usleep(2000)
    }
    return false
  }

  /// Waits for the end; a program that was killed has the signal's number as its status.
  func wait() throws -> Outcome {
    process.waitUntilExit()
    defer { for file in [output, errors] { try? FileManager.default.removeItem(at: file) } }
    return Outcome(
      status: process.terminationStatus,
      output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }
}
