import Files
import Foundation
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  static func content(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  static func names(_ folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? []
  }

  @Test func replacesAFile() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a.txt").path
      try AtomicFile.write("one", to: path)
      try AtomicFile.write("two", to: path)
      #expect(Self.content(path) == "two")
      #expect(Self.names(folder.path) == ["a.txt"])
    }
  }

  @Test func keepsTheOldFileWhenTheWriterFails() throws {
    struct Failure: Error {}
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a.txt").path
      try AtomicFile.write("old", to: path)
      #expect(throws: Failure.self) {
        try AtomicFile.write(to: path) { sink in
          try sink.write(Array("new".utf8))
          throw Failure()
        }
      }
      #expect(Self.content(path) == "old")
      #expect(Self.names(folder.path) == ["a.txt"])
    }
  }

  @Test func namesTheFileThatCannotBeWritten() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "file").path
      try AtomicFile.write("", to: file)
      let below = file + "/last.safetensors"
      #expect(
        throws: FileError(path: below, reason: "cannot be written: Not a directory")
      ) { try AtomicFile.write("x", to: below) }
      let taken = folder.appending(path: "folder").path
      try FileManager.default.createDirectory(
        atPath: taken + "/inside", withIntermediateDirectories: true)
      #expect(
        throws: FileError(path: taken, reason: "cannot be written: is a folder")
      ) { try AtomicFile.write("x", to: taken) }
      #expect(Self.names(folder.path) == ["file", "folder"])
    }
  }

  /// The disk is full after 64 kB: the error says so and the old file is as it was.
  @Test func survivesAFullDisk() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "detector-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "last.safetensors").path
    try AtomicFile.write("old", to: path)
    let result = await #expect(
      processExitsWith: .exitCode(3), observing: [\.standardErrorContent]
    ) { [path = path as String] in
      // A limit on the size of files fails a write half-way, just as a full disk does.
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 65536, rlim_max: 65536)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      do {
        try AtomicFile.write(to: path) { sink in
          for _ in 0..<10 { try sink.write([UInt8](repeating: 1, count: 20_000)) }
        }
      } catch {
        try FileHandle.standardError.write(contentsOf: Data("\(error)".utf8))
        exit(3)
      }
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("\(path): cannot be written: File too large"))
    #expect(Self.names(folder.path) == ["last.safetensors"])
    #expect(Self.content(path) == "old")
  }

  /// A kill between two parts of a write leaves the old file; the next write cleans up.
  @Test func survivesAKill() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "detector-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "a.txt").path
    try AtomicFile.write("old", to: path)
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      try AtomicFile.write(to: path) { sink in
        try sink.write([UInt8](repeating: 65, count: 100_000))
        kill(getpid(), SIGKILL)
        try sink.write([66])
      }
    }
    #expect(Self.content(path) == "old")
    #expect(Self.names(folder.path) == [".a.txt.partial", "a.txt"])
    try AtomicFile.write("new", to: path)
    #expect(Self.content(path) == "new")
    #expect(Self.names(folder.path) == ["a.txt"])
  }

  @Test func checkingChangesNothing() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a.txt").path
      try AtomicFile.check(path)
      #expect(Self.names(folder.path) == [])
      try AtomicFile.write("old", to: path)
      try AtomicFile.check(path)
      #expect(Self.content(path) == "old" && Self.names(folder.path) == ["a.txt"])
      #expect(throws: FileError.self) { try AtomicFile.check(path + "/b") }
      #expect(throws: FileError.self) { try AtomicFile.check(folder.path) }
      #expect(throws: FileError.self) { try Folder.make(path + "/c") }
      try Folder.make(folder.path + "/d/e/")
      #expect(Folder.exists(folder.path + "/d/e") && !Folder.exists(path))
    }
  }
}
