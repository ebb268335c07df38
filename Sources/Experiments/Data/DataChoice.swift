package import Datasets
import Files

/// Annotated images that a user has named.
package struct DataChoice: Equatable, Sendable {
  /// VOC data sets, `PATH[:SPLIT]`.
  package var voc: [String]
  /// Share of the images in `val` where a data set has no lists, 0...1.
  package var valFraction: Float

  package init(voc: [String], valFraction: Float = 0.1) {
    self.voc = voc
    self.valFraction = valFraction
  }

  /// Whether nothing was named.
  package var isEmpty: Bool { voc.isEmpty }

  /// The sources by folder and split.
  package var sources: [VOCSource] { voc.map { VOCSource(argument: $0) } }

  /// Reads the annotations and says what was left out: where every command gets its data.
  ///
  /// - Parameters:
  ///   - split: The split of sources that name none.
  ///   - classNames: The classes to find; nil collects those of the annotations.
  ///   - seed: Chooses the images of `val` where a data set has no lists.
  ///   - console: Told what was left out.
  /// - Returns: What can be used.
  /// - Throws: `DataError`.
  package func read(
    split: String, classNames: [String]?, seed: UInt64 = 1, _ console: Console
  ) throws -> VOCDataset {
    let data = try VOCDataset(
      sources: sources, split: split, classNames: classNames, valFraction: valFraction, seed: seed)
    console.say(leftOut: data.problems)
    return data
  }

  /// Reads data that shall judge a model.
  ///
  /// - Throws: As ``read(split:classNames:seed:_:)``; `FileError` if no object is of a known class.
  package func readToJudge(classNames: [String]?, _ console: Console) throws -> VOCDataset {
    let data = try read(split: "val", classNames: classNames, console)
    try data.checkClasses()
    return data
  }
}

extension VOCDataset {
  /// Refuses data of which no object is of a class that is looked for: every number on it would be
  /// one on nothing.
  func checkClasses() throws {
    let unknown = problems.filter { $0.kind == .unknownClass }
    guard let first = unknown.first, items.allSatisfy(\.truths.isEmpty) else { return }
    throw FileError(
      path: first.file,
      reason: "none of the \(unknown.count) annotated objects is of a known class"
        + " (\(first.text)); these are data for another model")
  }
}
