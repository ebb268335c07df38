import Files
import Foundation
import TestSupport
import Testing
import Training

@Suite struct RunFolderTests {
  static func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  @Test func makesFoldersAndNamesTheirFiles() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/runs/a b"
      let run = try RunFolder.open(path, as: .new)
      #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["plots"])
      #expect(
        [run.model, run.configuration, run.log, run.last, run.best, run.plot("loss.png")]
          == [
            "model.cfg", "config.json", "log.csv", "last.safetensors", "best.safetensors",
            "plots/loss.png",
          ]
          .map { path + "/" + $0 })
      // An empty folder that is there already will do.
      let empty = folder.path + "/empty"
      try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: false)
      #expect(throws: Never.self) { try RunFolder.open(empty, as: .new) }
    }
  }

  @Test func refusesAFolderInUse() throws {
    try withTemporaryFolder { folder in
      try Self.write("mine", folder.path + "/notes.txt")
      #expect(throws: TrainingError.runFolderNotEmpty(path: folder.path)) {
        try RunFolder.open(folder.path, as: .new)
      }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["notes.txt"])
    }
  }

  @Test func continuesOnlyARun() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/x"
      #expect(throws: TrainingError.nothingToResume(path: path)) {
        try RunFolder.open(path, as: .resume)
      }
      #expect(!FileManager.default.fileExists(atPath: path))
      let run = try RunFolder.open(path, as: .new)
      try Self.write("checkpoint", run.last)
      #expect(try RunFolder.open(path, as: .resume) == run)
      #expect(FileManager.default.fileExists(atPath: run.last))
    }
  }

  @Test func overwritesTheRunAndNothingElse() throws {
    try withTemporaryFolder { folder in
      let run = try RunFolder.open(folder.path + "/x", as: .new)
      for file in [run.model, run.log, run.last, run.best, run.plot("a.png")] {
        try Self.write("old", file)
      }
      try Self.write("mine", run.file("notes.txt"))
      try _ = RunFolder.open(run.path, as: .overwrite)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: run.path).sorted()
          == ["notes.txt", "plots"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: run.plots) == [])
    }
  }

  @Test func saysWhyAFolderCannotBeMade() throws {
    try withTemporaryFolder { folder in
      try Self.write("", folder.path + "/file")
      for path in [folder.path + "/file", folder.path + "/file/run"] {
        #expect(
          throws: FileError(path: path, reason: "cannot be made: Not a directory")
        ) { try RunFolder.open(path, as: .new) }
      }
    }
    // Nobody may make folders here, not even the superuser.
    let error = #expect(throws: FileError.self) {
      try RunFolder.open("/proc/detector-test", as: .new)
    }
    #expect(error?.description.hasPrefix("/proc/detector-test: cannot be made: ") == true)
  }

  @Test func findsUnusedNames() throws {
    try withTemporaryFolder { folder in
      #expect(RunFolder.unusedPath(in: folder.path, name: "v") == folder.path + "/v")
      for name in ["v", "v-2"] { try Self.write("", folder.path + "/" + name) }
      #expect(RunFolder.unusedPath(in: folder.path, name: "v") == folder.path + "/v-3")
    }
  }
}
