import Files
import Foundation

/// ffmpeg or ffprobe, found on the path.
struct VideoProgram {
  private let url: URL

  /// - Throws: `FileError` where there is no such program.
  init(_ name: String) throws {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let candidates = folders.map { URL(filePath: String($0)).appending(path: name) }
    guard
      let found = candidates.first(where: {
        FileManager.default.isExecutableFile(atPath: $0.path)
      })
    else {
      throw FileError(
        path: name, reason: "is not installed, and films are read by it; Debian's package is ffmpeg"
      )
    }
    url = found
  }

  /// Starts it, with `complaints` for what it complains about.
  ///
  /// - Throws: `FileError` if the system refuses.
  func start(
    _ arguments: [String], input: Pipe? = nil, output: Pipe? = nil, complaints: FileHandle
  ) throws -> Process {
    let process = Process()
    process.executableURL = url
    process.arguments = arguments
    process.standardInput = input ?? FileHandle.nullDevice
    process.standardOutput = output ?? FileHandle.nullDevice
    process.standardError = complaints
    do {
      try process.run()
    } catch {
      throw FileError(path: url.path, reason: "cannot be started: \(error.localizedDescription)")
    }
    return process
  }

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - arguments: What it is to do.
  ///   - place: What it reads, for messages.
  /// - Returns: What it printed.
  /// - Throws: `FileError` with its own complaint if it fails.
  func output(of arguments: [String], place: String) throws -> Data {
    let complaints = try Complaints()
    let output = Pipe()
    let process = try start(arguments, output: output, complaints: complaints.handle)
    let data = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw complaints.error(place) }
    return data
  }

  /// A file that a program complains into; a pipe would have to be emptied all the time.
  struct Complaints {
    let handle: FileHandle

    /// - Throws: `FileError` if the system refuses.
    init() throws {
      // Without a name: it goes with the last who holds it.
      guard let file = tmpfile() else {
        throw FileError(path: "temporary file", reason: FileProblem.describe(errno))
      }
      handle = FileHandle(fileDescriptor: dup(fileno(file)), closeOnDealloc: true)
      fclose(file)
    }

    /// The last line, as the reason why something is wrong with a place.
    func error(_ place: String) -> FileError {
      try? handle.seek(toOffset: 0)
      let data = (try? handle.readToEnd()) ?? Data()
      let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
      var reason = lines.last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "cannot be read"
      if reason.hasPrefix(place + ": ") { reason.removeFirst(place.count + 2) }
      return FileError(path: place, reason: "ffmpeg: \(reason)")
    }
  }
}
