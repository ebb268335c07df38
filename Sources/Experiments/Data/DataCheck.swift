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
      if set.hasKeypoints {
        let check = try KeypointCheck(
          set, split: "all", layoutNames: classNames, rules: rules, pool: pool)
        findings += check.findings
        summary += check.summary
        guard set.format.hasObjects else { continue }
      }
      if set.format.hasObjects {
        let data = try [set].objects(split: "all", classNames: classNames, rules: rules)
        add(data, pool)
      } else {
        let check = try LabelCheck(
          set, split: "all", classNames: classNames, rules: rules, pool: pool)
        findings += check.findings
        add(
          check.findings, counts: check.counts, classNames: check.classNames,
          readable: check.imageCount, unit: "labels")
      }
    }
  }

  /// Decodes the images of a set with objects and counts what is said about them.
  private mutating func add(_ data: SampleSet<[GroundTruth]>, _ pool: ThreadPool) {
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
      for object in sample.target { counts[object.classIndex] += 1 }
    }
    add(
      found, counts: counts, classNames: data.classNames,
      readable: images.count - unreadable.count, unit: "objects")
  }

  /// Says what was counted.
  private mutating func add(
    _ found: [DataProblem], counts: [Int], classNames: [String], readable: Int, unit: String
  ) {
    var lines = [
      "\(readable) readable images, \(counts.reduce(0, +)) \(unit) of \(counts.count) classes:"
    ]
    let width = classNames.map(\.count).max() ?? 0
    for (name, count) in zip(classNames, counts) {
      lines.append("  \(name)" + String(repeating: " ", count: width - name.count) + "  \(count)")
    }
    lines += DataProblem.summary(of: found).map { "  " + $0 }
    summary += lines.joined(separator: "\n") + "\n"
  }
}
