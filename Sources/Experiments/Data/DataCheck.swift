package import Compute
package import Datasets
import Detection
import Images

/// Everything that is wrong with data of any format, found by reading all of it once.
package struct DataCheck {
  /// All problems and notes, in the order of the sets.
  package private(set) var findings: [DataProblem] = []
  /// What was read and how often each kind of problem occurs, for people.
  package private(set) var summary = ""

  /// What is wrong.
  package var problems: [DataProblem] { findings.filter { !$0.kind.isNote } }

  /// Reads every annotation and decodes every image.
  ///
  /// - Parameters:
  ///   - choice: The data; the whole of sets that name no split.
  ///   - classNames: The known classes; nil accepts any.
  ///   - pool: Decodes the images.
  ///   - console: Told what was recognised.
  /// - Throws: `DataError`.
  package init(
    _ choice: DataChoice, classNames: [String]?, pool: ThreadPool, _ console: Console
  ) throws {
    let sets = try choice.sets()
    let rules = choice.rules
    try choice.say(recognized: sets, split: "all", console)
    let voc = sets.filter { $0.format == .voc }
    if !voc.isEmpty {
      let check = try DatasetCheck(
        sources: voc.map(\.argument), classNames: classNames, rules: rules, pool: pool)
      findings = check.findings
      summary = check.summary
    }
    for set in sets where set.format != .voc {
      if set.format.hasObjects {
        let data = try [set].objects(split: "all", classNames: classNames, rules: rules)
        add(data, unit: "objects", pool) { $0.map(\.classIndex) }
      } else {
        let data = try [set].labels(split: "all", classNames: classNames, rules: rules)
        add(data, unit: "labels", pool) { [$0] }
      }
    }
  }

  /// Decodes the images of a set and counts what is said about them.
  private mutating func add<Target>(
    _ data: SampleSet<Target>, unit: String, _ pool: ThreadPool, classes: (Target) -> [Int]
  ) {
    let images = data.samples.map(\.image)
    let looked = pool.map(count: images.count) { index -> DataProblem? in
      do {
        return try images[index].readNoting().note.map { .warnedImage(images[index], $0) }
      } catch {
        return .unreadableImage(images[index], error)
      }
    }.compactMap(\.self)
    let unreadable = looked.filter { !$0.kind.isNote }
    let found = data.problems + looked
    findings += found
    var counts = [Int](repeating: 0, count: data.classNames.count)
    for sample in data.samples {
      for index in classes(sample.target) { counts[index] += 1 }
    }
    var lines = [
      "\(images.count - unreadable.count) readable images, \(counts.reduce(0, +)) \(unit) of "
        + "\(counts.count) classes:"
    ]
    let width = data.classNames.map(\.count).max() ?? 0
    for (name, count) in zip(data.classNames, counts) {
      lines.append("  \(name)" + String(repeating: " ", count: width - name.count) + "  \(count)")
    }
    lines += DataProblem.summary(of: found).map { "  " + $0 }
    summary += lines.joined(separator: "\n") + "\n"
  }
}
