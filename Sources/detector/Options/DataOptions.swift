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

  /// What was named; it may be nothing.
  func choice(valFraction: Float = 0.1) -> DataChoice {
    DataChoice(voc: voc, valFraction: valFraction)
  }

  /// Whether anything was named.
  var isGiven: Bool { !voc.isEmpty }

  /// For commands that cannot do without data.
  func validateIsGiven(_ what: String) throws {
    if !isGiven { throw ValidationError("give \(what) with --voc") }
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
