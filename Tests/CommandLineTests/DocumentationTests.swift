import Foundation
import TestSupport
import Testing

/// What README and articles say can be done: their commands have the options that they are shown with, and
/// their links lead somewhere.
@Suite struct DocumentationTests {
  private static let articles = "Sources/detector/Documentation.docc"
  private static let suffix = ".md"
  private static let landing = articles + "/detector" + suffix
  private static let pages: [String] =
    ["README.md", "Models/README.md", "Datasets/README.md"]
    + ((try? FileManager.default.contentsOfDirectory(
      atPath: packageRoot.appending(path: articles).path)) ?? [])
    .filter { $0.hasSuffix(suffix) }.sorted().map { articles + "/" + $0 }

  private func text(_ page: String) throws -> String {
    try String(contentsOf: packageRoot.appending(path: page), encoding: .utf8)
  }

  /// Lines that show what to type, those that go on with a backslash joined.
  private func shown(_ page: String) throws -> [String] {
    try text(page).replacing("\\\n", with: " ").split(separator: "\n")
      .filter { $0.hasPrefix("    ") }.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  @Test(arguments: pages) func commandsTakeTheOptionsTheyAreShownWith(_ page: String) throws {
    let detector = Program(folder: FileManager.default.temporaryDirectory)
    var helps: [String: String] = [:]
    for line in try shown(page) where line.hasPrefix("detector ") {
      let words = line.split(separator: "#")[0].split(separator: " ").map(String.init)
      guard words.count > 1, words[1] != "help" else { continue }
      if helps[words[1]] == nil {
        let outcome = try detector(words[1], "--help")
        #expect(outcome.status == 0, "\(page): there is no command \(words[1])")
        helps[words[1]] = outcome.output
      }
      let known = Set(
        (helps[words[1]] ?? "").split { $0.isWhitespace || "/,=".contains($0) }.map(String.init))
      for option in words.dropFirst(2) where option.hasPrefix("--") {
        #expect(known.contains(option), "\(page): \(words[1]) has no \(option): \(line)")
      }
    }
  }

  @Test(arguments: pages) func targetsOfMakeAreThere(_ page: String) throws {
    let makefile = try text("Makefile")
    for line in try shown(page) where line.hasPrefix("make ") {
      let target = line.split(separator: " ")[1]
      #expect(makefile.contains("\n\(target):"), "\(page): make \(target)")
    }
  }

  @Test(arguments: pages) func linksLeadToFiles(_ page: String) throws {
    let folder = packageRoot.appending(path: page).deletingLastPathComponent()
    for match in try text(page).matches(of: /\]\(([^)\s]+)\)/)
    where !match.1.hasPrefix("http") && !match.1.hasPrefix("#") {
      // Pictures of articles are named without their folder.
      let name = String(match.1.split(separator: "#")[0])
      let targets = [folder, folder.appending(path: "Resources")].map { $0.appending(path: name) }
      #expect(
        targets.contains { FileManager.default.fileExists(atPath: $0.path) },
        "\(page): \(match.1)")
    }
    for match in try text(page).matches(of: /<doc:(\w+)>/) {
      #expect(
        Self.pages.contains("\(Self.articles)/\(match.1)\(Self.suffix)"), "\(page): \(match.0)")
    }
  }

  @Test func everyArticleIsListed() throws {
    let landing = try text(Self.landing)
    for page in Self.pages
    where page.hasPrefix(Self.articles) && page != Self.landing {
      let name = URL(filePath: page).deletingPathExtension().lastPathComponent
      #expect(landing.contains("<doc:\(name)>"), "\(name)")
    }
    #expect(
      try text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 121)
  }
}
