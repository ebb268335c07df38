import ArgumentParser
import Detection

/// Which annotated images to use.
struct TruthOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A VOC data set, PATH[:SPLIT]; may be repeated. (default split: val)", valueName: "path"))
  var voc: [String] = []

  @Option(
    help: ArgumentHelp(
      "COCO's annotation JSON instead of --voc; with --detections.", valueName: "file"))
  var coco: String?

  @Option(
    help: ArgumentHelp(
      "A folder of YOLO's label files instead of --voc; with --detections, --names, --images.",
      valueName: "dir"))
  var yolo: String?

  @Option(help: ArgumentHelp("The images of --yolo, whose sizes count.", valueName: "dir"))
  var images: String?

  @Option(
    help: ArgumentHelp(
      "Share of the images in val where a data set has no lists.", valueName: "share"))
  var valFraction: Float = 0.1

  /// Refuses what does not go together.
  func check(_ found: FoundOptions, _ model: ModelOptions) throws {
    let sources = (voc.isEmpty ? 0 : 1) + (coco == nil ? 0 : 1) + (yolo == nil ? 0 : 1)
    if sources != 1 { throw ValidationError("give one data set with --voc, --coco or --yolo") }
    if voc.isEmpty && found.detections == nil {
      throw ValidationError("with --coco or --yolo give --detections")
    }
    if found.detections != nil && (model.run != nil || model.model != nil) {
      throw ValidationError("give a model or --detections, not both")
    }
  }
}

/// What was found in the images, or how to find it.
struct FoundOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Detection files instead of a model: JSON of detector detect or COCO results, a comp4 file, \
      or a folder of comp4 or YOLO files.
      """, valueName: "path"))
  var detections: String?

  @OptionGroup var prediction: DatasetPredictionOptions
}

/// How objects are found in the images of a data set that judges them: all above a low confidence.
struct DatasetPredictionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Detections need a larger confidence.", valueName: "number"))
  var confidence: Float = 0.005

  @Option(
    help: ArgumentHelp(
      "Per class, of two detections with a larger IoU the less confident is dropped.",
      valueName: "iou"))
  var nms: Float = 0.45

  @Option(help: ArgumentHelp("Images that are run at once.", valueName: "images"))
  var batch = 4

  func validate() throws {
    if !(0...1).contains(confidence) || !(0...1).contains(nms) {
      throw ValidationError("--confidence and --nms must be between 0 and 1")
    }
    if batch < 1 { throw ValidationError("--batch must be at least 1") }
  }
}
