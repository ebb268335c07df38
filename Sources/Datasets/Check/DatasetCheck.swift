package import Compute
import Foundation
import Synchronization

/// Everything that is wrong with a VOC-format data set, found by reading all of it once.
package struct DatasetCheck: Sendable {
  /// Annotation files that were read.
  package let annotationCount: Int
  /// Images that could be decoded.
  package let imageCount: Int
  /// Objects of every class, difficult ones included.
  package let objectCounts: [String: Int]
  /// How many of them are difficult.
  package let difficultCount: Int
  /// All problems and notes in the order of the files.
  package let findings: [DataProblem]

  /// What is wrong.
  package var problems: [DataProblem] { findings.filter { !$0.kind.isNote } }
  /// What is only worth knowing.
  package var notes: [DataProblem] { findings.filter { $0.kind.isNote } }

  /// Reads every annotation and decodes every image.
  ///
  /// - Parameters:
  ///   - sources: Folders; the whole of those that name no split.
  ///   - classNames: The known classes; nil accepts any.
  ///   - rules: How the annotations are read.
  ///   - pool: Decodes the images.
  /// - Throws: ``DataError`` for a folder without annotations or an unknown split.
  package init(
    sources: [DataArgument], classNames: [String]? = nil, rules: ReadingRules = ReadingRules(),
    pool: ThreadPool
  ) throws {
    var subjects: [Subject] = []
    var findings: [DataProblem] = []
    for source in sources {
      try DatasetCheck.collect(source, shares: rules.shares, into: &subjects, &findings)
    }
    let reports = Reports(count: subjects.count)
    pool.forEach(count: subjects.count) { [subjects] i in
      reports.set(
        i,
        FileReport(
          subjects[i], classNames: classNames.map(Set.init), sizeRule: rules.annotatedSize))
    }
    var counts: [String: Int] = [:]
    var difficult = 0
    var images = 0
    var firstOfContent: [ContentKey: URL] = [:]
    for report in reports.all {
      findings += report.findings
      for object in report.annotation?.objects ?? [] {
        counts[object.name, default: 0] += 1
        if object.isDifficult { difficult += 1 }
      }
      if report.isDecoded { images += 1 }
      guard let content = report.content, let image = report.image else { continue }
      if let first = firstOfContent[content] {
        findings.append(
          DataProblem(
            file: image.path, kind: .duplicateImage, text: "the same bytes as \(first.path)"))
      } else {
        firstOfContent[content] = image
      }
    }
    self.findings = findings
    annotationCount = subjects.count
    imageCount = images
    objectCounts = counts
    difficultCount = difficult
  }

  private static func collect(
    _ source: DataArgument, shares: SplitShares, into subjects: inout [Subject],
    _ findings: inout [DataProblem]
  ) throws {
    let folders = try VOCFolder.discover(at: source.url)
    let split = source.split ?? "all"
    guard let entries = try VOCSplit.entries(of: folders, split: split, shares: shares) else {
      throw DataError.unknownSplit(
        folder: source.url.path, split: split, available: VOCSplit.names(of: folders))
    }
    var used: Set<URL> = []
    for entry in entries {
      guard let annotation = entry.folder.annotations[entry.id], entry.others.isEmpty else {
        findings.append(
          DataProblem(
            file: (entry.list ?? entry.folder.url).path, line: entry.line,
            kind: .missingAnnotation, text: entry.missing))
        continue
      }
      guard used.insert(annotation).inserted else {
        findings.append(
          DataProblem(
            file: (entry.list ?? annotation).path, line: entry.line, kind: .duplicateEntry,
            text: "'\(entry.id)' is listed twice"))
        continue
      }
      subjects.append(Subject(folder: entry.folder, id: entry.id, file: annotation))
    }
    guard source.split == nil else { return }
    for folder in folders { findings += missingAnnotations(folder) + listProblems(folder) }
  }

  /// Images that no annotation of the folder stands for.
  private static func missingAnnotations(_ folder: VOCFolder) -> [DataProblem] {
    folder.images.keys.filter { folder.annotations[$0] == nil }.sorted().compactMap { id in
      guard let image = folder.images[id]?.first else { return nil }
      return DataProblem(
        file: image.path, kind: .missingAnnotation, text: "no annotation '\(id).xml'")
    }
  }

  /// Entries of the split lists without annotation, entries that are listed twice, and test images
  /// in a list to train with.
  private static func listProblems(_ folder: VOCFolder) -> [DataProblem] {
    var problems: [DataProblem] = []
    var tested: Set<String> = []
    // The list of test images first.
    let names = folder.lists.keys.sorted()
    let lists = (names.filter { $0 == "test" } + names.filter { $0 != "test" }).compactMap { name in
      folder.lists[name].map { (name, $0) }
    }
    for (name, list) in lists {
      func report(_ line: Int?, _ kind: DataProblem.Kind, _ text: String) {
        problems.append(DataProblem(file: list.path, line: line, kind: kind, text: text))
      }
      var used: Set<String> = []
      do {
        for entry in try VOCSplit.read(list, name, of: folder) {
          if folder.annotations[entry.id] == nil || !entry.others.isEmpty {
            report(entry.line, .missingAnnotation, entry.missing)
          }
          if !used.insert(entry.id).inserted {
            report(entry.line, .duplicateEntry, "'\(entry.id)' is listed twice")
          } else if ["train", "trainval"].contains(name), tested.contains(entry.id) {
            report(entry.line, .testImage, "'\(entry.id)' is in the list of test images, too")
          }
        }
      } catch {
        let prefix = list.path + ": "
        let text = "\(error)"
        report(
          nil, .unreadableList,
          text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
      }
      if name == "test" { tested = used }
    }
    return problems
  }
}

/// Results that several threads deliver.
private final class Reports: Sendable {
  private let slots: Mutex<[FileReport?]>

  init(count: Int) { slots = Mutex([FileReport?](repeating: nil, count: count)) }

  func set(_ index: Int, _ report: FileReport) { slots.withLock { $0[index] = report } }

  var all: [FileReport] { slots.withLock { $0.compactMap(\.self) } }
}
