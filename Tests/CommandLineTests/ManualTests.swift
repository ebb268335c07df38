import Foundation
import TestSupport
import Testing

/// The manual pages are what the program says of itself, and no formatter stumbles over them.
@Suite struct ManualTests {
  private static let python = URL(filePath: "/usr/bin/python3")
  private static let hasPython = FileManager.default.isExecutableFile(atPath: python.path)
  private static let script = packageRoot.appending(path: ".ci/manual").path

  @Test(.enabled(if: hasPython, "python3 is not installed"))
  func everyCommandHasAPage() throws {
    try withTemporaryFolder { folder in
      let made = try RunningProgram(
        Self.python, [Self.script, Program.executable.path, "man", "--date", "2026-01-31"],
        in: folder
      ).wait()
      try #require(made.status == 0, "\(made.errors)")
      let help = try Program(folder: folder)("--help").output
      let listed =
        help.components(separatedBy: "SUBCOMMANDS:").last?.split(separator: "\n")
        .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  See ") }
        .compactMap { $0.split(separator: " ").first.map(String.init) } ?? []
      try #require(listed.count > 10, "\(help)")
      let pages = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "man").path)
      #expect(Set(pages) == Set(["detector.1"] + listed.map { "detector-\($0).1" }))
      for page in pages {
        let text = try String(contentsOf: folder.appending(path: "man/" + page), encoding: .utf8)
        #expect(text.hasPrefix(".Dd January 31, 2026\n.Dt DETECTOR"), "\(page)")
        #expect(text.utf8.allSatisfy { $0 < 0x80 }, "\(page)")
        // A line that begins with a point or a quotation mark would be a request.
        let known = /^\.(Dd|Dt|Os|Sh|Nm|Nd|Fl|Ar|Op|Pp|Bd|Ed|Bl|El|It|Cm|Xr)( |$)/
        for line in text.split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'") {
          #expect(line.contains(known), "\(page): \(line)")
        }
      }
      let train = try String(
        contentsOf: folder.appending(path: "man/detector-train.1"), encoding: .utf8)
      #expect(train.contains(".It Fl \"\\&\\-epochs\" Ar \"\\&count\""), "\(train)")
    }
  }
}
