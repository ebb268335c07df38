import ArgumentParser
import Datasets
import Experiments

/// Where annotated images lie, and how they are read.
struct DataOptions: ParsableArguments {
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
      a folder), YOLO (data.yaml, or images and labels), CIFAR's binary files, folders of pictures named \
      for their classes, CSV of path,label[,split], Darknet's .data with labels, and keypoints (joints.mat, \
      MPII, COCO, DeepLabCut, CSV, dots, keypoints.json) are recognised, and \
      said in one line.
      """, valueName: "path"))
  var data: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Share of the images in val where a data set has neither lists nor folders of splits. (default: \
      0.1; of a run's own data as it was for the run)
      """, valueName: "share"))
  var valFraction: Float?

  @Option(
    help: ArgumentHelp(
      """
      Share of the images in test there, unless a list or folder tells them; 0: none. (default: 0.1; of \
      a run's own data as it was for the run)
      """, valueName: "share"))
  var testFraction: Float?

  @Option(
    help: ArgumentHelp(
      """
      Chooses those images. (default: 1; train, anchors: --seed; of a run's own data as it was for the \
      run)
      """, valueName: "number"))
  var splitSeed: UInt64?

  @Option(
    help: ArgumentHelp(
      """
      What becomes of VOC's boxes where <size> is not the picture's: adapt turns or scales them, or \
      keeps them if only the picture holds them, and leaves the picture out if nothing fits; ignore takes \
      them for pixels of the picture; refuse leaves the picture out. (default: adapt; of a run's own \
      data as it was for the run)
      """, valueName: "rule"))
  var annotatedSize: AnnotatedSizeRule?

  @Flag(
    help: """
      The label of a picture in Darknet's lists may be any text of its path, as in Darknet. Without it, a       label is a folder or a part of the file's name between _, . and -.
      """)
  var darknetLabels = false

  /// What was named; it may be nothing.
  var choice: DataChoice {
    DataChoice(
      voc: voc, other: data, valFraction: valFraction, testFraction: testFraction,
      seed: splitSeed, annotatedSize: annotatedSize, darknetLabels: darknetLabels ? true : nil)
  }

  /// What was named, or else the validation images of runs.
  func choice(orOf runs: [String], _ console: Console) throws -> DataChoice {
    if isGiven { return choice }
    let known = try DataChoice.validation(of: runs, console)
    var choice = choice
    choice.voc = known.voc
    choice.other = known.other
    return choice.adopting(known.rules)
  }

  /// Whether anything was named.
  var isGiven: Bool { !voc.isEmpty || !data.isEmpty }

  /// The given options by name.
  var given: [(String, Bool)] {
    [
      ("--voc", !voc.isEmpty), ("--data", !data.isEmpty), ("--val-fraction", valFraction != nil),
      ("--test-fraction", testFraction != nil), ("--split-seed", splitSeed != nil),
      ("--annotated-size", annotatedSize != nil), ("--darknet-labels", darknetLabels),
    ]
  }

  /// For commands that cannot do without data.
  func validateIsGiven(_ what: String) throws {
    if !isGiven { throw ValidationError("give \(what) with --voc or --data") }
  }

  func validate() throws {
    if !voc.isEmpty, !data.isEmpty {
      throw ValidationError("--voc and --data exclude each other; --data takes VOC data sets too")
    }
    for (name, share) in [("--val-fraction", valFraction), ("--test-fraction", testFraction)]
    where !(0..<1).contains(share ?? 0) {
      throw ValidationError("\(name) must be at least 0 and below 1")
    }
    let shares = choice.rules.shares
    if shares.validation + shares.test >= 1 {
      throw ValidationError(
        "--val-fraction and --test-fraction leave no images to train on: \(shares.text)")
    }
  }
}

extension AnnotatedSizeRule: ExpressibleByArgument {}
