package import Datasets
package import Detection
import Files
package import Tasks

/// Data that a user has named.
package struct DataChoice: Equatable, Sendable {
  /// VOC data sets, `PATH[:SPLIT]`.
  package var voc: [String]
  /// Data sets of any format, `PATH[:SPLIT]`: what they are is told by what lies there.
  package var other: [String]
  /// Share of the images in `val` where a data set has no lists, 0...1.
  package var valFraction: Float
  /// Chooses those images for a judgement; that of a run for its own data.
  package var seed: UInt64 = 1

  package init(voc: [String] = [], other: [String] = [], valFraction: Float = 0.1) {
    self.voc = voc
    self.other = other
    self.valFraction = valFraction
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
      + other.map { try RecognizedDataset(recognizing: DataArgument(argument: $0)) }
  }

  /// Says in a line each what the sets of any format were taken for.
  func say(recognized sets: [RecognizedDataset], seed: UInt64, _ console: Console) throws {
    for set in sets.suffix(other.count) {
      console.say(try set.summary(valFraction: valFraction, seed: seed))
    }
  }

  /// Reads samples for a task and says what was left out: where every command gets its data.
  ///
  /// - Parameters:
  ///   - task: Says what is to be found in an image.
  ///   - split: The split of sets that name none.
  ///   - classNames: The classes to find; nil collects those of the data.
  ///   - seed: Chooses the images of `val` where a data set has no lists.
  ///   - console: Told what was recognised and what was left out.
  /// - Returns: What can be used.
  /// - Throws: `DataError`.
  package func read<Task: LearningTask>(
    for task: Task.Type, split: String, classNames: [String]?, seed: UInt64 = 1,
    _ console: Console
  ) throws -> SampleSet<Task.Target> {
    let sets = try sets()
    try say(recognized: sets, seed: seed, console)
    let data = try Task.read(
      sets, split: split, classNames: classNames, valFraction: valFraction, seed: seed)
    console.say(leftOut: data.problems)
    return data
  }

  /// Reads objects that shall judge a model.
  ///
  /// - Throws: As ``read(for:split:classNames:seed:_:)``; `FileError` if no object is of a known class.
  package func readToJudge(
    classNames: [String]?, _ console: Console
  ) throws -> SampleSet<[GroundTruth]> {
    let data = try read(
      for: DetectionTask.self, split: "val", classNames: classNames, seed: seed, console)
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
