package import Datasets
package import Detection
import Files
import Foundation
package import Tasks

/// Data that a user has named.
package struct DataChoice: Equatable, Sendable {
  /// VOC data sets, `PATH[:SPLIT]`.
  package var voc: [String]
  /// Data sets of any format, `PATH[:SPLIT]`: what they are is told by what lies there.
  package var other: [String]
  /// Share of the images in `val` where nobody has divided a data set, 0...1; nil: 0.1.
  package var valFraction: Float?
  /// Share of the images in `test` there; nil: 0.1.
  package var testFraction: Float?
  /// Chooses those images; nil: by 1.
  package var seed: UInt64?
  /// What becomes of boxes where their annotation tells another size than the picture has; nil: they
  /// are adapted.
  package var annotatedSize: AnnotatedSizeRule?
  /// Whether the label of a picture in Darknet's lists may be any part of its path; nil: no.
  package var darknetLabels: Bool?

  package init(
    voc: [String] = [], other: [String] = [], valFraction: Float? = nil,
    testFraction: Float? = nil, seed: UInt64? = nil, annotatedSize: AnnotatedSizeRule? = nil,
    darknetLabels: Bool? = nil
  ) {
    self.voc = voc
    self.other = other
    self.valFraction = valFraction
    self.testFraction = testFraction
    self.seed = seed
    self.annotatedSize = annotatedSize
    self.darknetLabels = darknetLabels
  }

  /// How the sets are read.
  package var rules: ReadingRules {
    var rules = ReadingRules()
    rules.shares.validation = valFraction ?? rules.shares.validation
    rules.shares.test = testFraction ?? rules.shares.test
    rules.shares.seed = seed ?? rules.shares.seed
    rules.annotatedSize = annotatedSize ?? rules.annotatedSize
    rules.darknetLabels = darknetLabels ?? rules.darknetLabels
    return rules
  }

  /// The same, where nothing else was said by these rules.
  package func adopting(_ rules: ReadingRules) -> DataChoice {
    var choice = self
    choice.valFraction = valFraction ?? rules.shares.validation
    choice.testFraction = testFraction ?? rules.shares.test
    choice.seed = seed ?? rules.shares.seed
    choice.annotatedSize = annotatedSize ?? rules.annotatedSize
    choice.darknetLabels = darknetLabels ?? rules.darknetLabels
    return choice
  }

  /// Whether nothing was named.
  package var isEmpty: Bool { voc.isEmpty && other.isEmpty }

  /// What was named, in order.
  package var arguments: [DataArgument] { (voc + other).map { DataArgument(argument: $0) } }

  /// The data sets; nothing is read of them yet.
  ///
  /// - Throws: `DataError` for a place that holds nothing known, or that could be two things.
  package func sets() throws -> [RecognizedDataset] {
    try voc.map { try RecognizedDataset(voc: DataArgument(argument: $0)) }
      + other.map {
        try RecognizedDataset(
          recognizing: DataArgument(argument: $0), darknetLabels: rules.darknetLabels)
      }
  }

  /// Says in a line each what the sets of any format were taken for, and of VOC's what is set aside
  /// where that was not their own choice.
  func say(recognized sets: [RecognizedDataset], split: String, _ console: Console) throws {
    let shares = rules.shares
    for set in sets.prefix(voc.count) {
      guard let sharing = set.sharing(split, by: shares) else { continue }
      console.say("data: \(set.argument.url.path): \(sharing)" + (try set.unusedText))
    }
    for set in sets.suffix(other.count) { console.say(try set.summary(shares: shares)) }
  }

  /// Reads samples for a task and says what was left out: where every command gets its data.
  ///
  /// - Parameters:
  ///   - task: Says what is to be found in an image.
  ///   - split: The split of sets that name none.
  ///   - classNames: The classes to find; nil collects those of the data.
  ///   - console: Told what was recognised and what was left out.
  /// - Returns: What can be used.
  /// - Throws: `DataError`.
  package func read<Task: LearningTask>(
    for task: Task.Type, split: String, classNames: [String]?, _ console: Console
  ) throws -> SampleSet<Task.Target> {
    try read(try sets(), for: task, split: split, classNames: classNames, console)
  }

  /// The same for data sets that are open already.
  func read<Task: LearningTask>(
    _ sets: [RecognizedDataset], for task: Task.Type, split: String, classNames: [String]?,
    _ console: Console
  ) throws -> SampleSet<Task.Target> {
    try say(recognized: sets, split: split, console)
    let data = try Task.read(sets, split: split, classNames: classNames, rules: rules)
    console.say(leftOut: data.problems)
    return data
  }

  /// Reads objects that shall judge a model.
  ///
  /// - Throws: As ``read(for:split:classNames:_:)``; `FileError` if no object is of a known class.
  package func readToJudge(
    classNames: [String]?, _ console: Console
  ) throws -> SampleSet<[GroundTruth]> {
    let data = try read(for: DetectionTask.self, split: "val", classNames: classNames, console)
    try data.checkClasses()
    return data
  }
}

extension SampleSet<[GroundTruth]> {
  /// Refuses data in which there is no object to learn from.
  func checkLearnable(place: String) throws {
    try checkClasses()
    guard samples.allSatisfy({ $0.target.allSatisfy(\.isDifficult) }) else { return }
    let reason = DataProblem.summary(of: problems).first.map { " (\($0))" } ?? ""
    throw FileError(
      path: place,
      reason: "no object can be learnt from in any of the \(samples.count) images\(reason);"
        + " detector check lists every place")
  }

  /// Refuses data of which no object is of a class that is looked for: every number on it would be
  /// one on nothing.
  func checkClasses() throws {
    let unknown = problems.filter { $0.kind == .unknownClass }
    guard let first = unknown.first, samples.allSatisfy(\.target.isEmpty) else { return }
    throw FileError(
      path: first.file,
      reason: "none of the \(unknown.count) annotated objects is of a known class"
        + " (\(first.text)); these are data for another model")
  }
}
