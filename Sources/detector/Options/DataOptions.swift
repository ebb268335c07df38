import ArgumentParser
import Experiments

/// Where annotated images lie.
struct DataSourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A VOC data set, PATH[:SPLIT]; may be repeated. (default split: val; train, anchors: train; \
      check: all images)
      """, valueName: "path"))
  var voc: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      A data set of any format, PATH[:SPLIT]; may be repeated. VOC in any layout, COCO (a JSON file or \
      a folder), YOLO (data.yaml, or images and labels) and CIFAR's binary files are recognised, and \
      said in one line.
      """, valueName: "path"))
  var data: [String] = []

  /// What was named; it may be nothing.
  func choice(valFraction: Float = 0.1) -> DataChoice {
    DataChoice(voc: voc, other: data, valFraction: valFraction)
  }

  /// Whether anything was named.
  var isGiven: Bool { !voc.isEmpty || !data.isEmpty }

  /// For commands that cannot do without data.
  func validateIsGiven(_ what: String) throws {
    if !isGiven { throw ValidationError("give \(what) with --voc or --data") }
  }

  func validate() throws {
    if !voc.isEmpty, !data.isEmpty {
      throw ValidationError("--voc and --data exclude each other; --data takes VOC data sets too")
    }
  }
}

/// Annotated images of one split.
struct DataOptions: ParsableArguments {
  @OptionGroup var sources: DataSourceOptions

  @Option(
    help: ArgumentHelp(
      "Share of the images in val where a data set has no lists.", valueName: "share"))
  var valFraction: Float = 0.1

  var choice: DataChoice { sources.choice(valFraction: valFraction) }
}
