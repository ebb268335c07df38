import ArgumentParser
import Detection
import Drawing
import Evaluation
import Files
import Foundation
import Geometry
import Images
import Tasks
import Training
import Uncertainty

struct Detect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Finds objects in images.",
    discussion: """
      Images are JPEG or PNG files, or folders of them. The model is a training run (--run) or \
      Darknet files (--model and --weights). An image that cannot be read is named, the others \
      are done, and the exit code is 1.

      Boxes are in pixels of the image: left and top edge from 0, width, height. They are \
      reported as predicted and may reach beyond the image; pictures and VOC files cut them off. \
      A network that was trained with a Bayesian branch (train --loss uncertainty) says for each \
      detection how uncertain its objectness is: in the JSON file, the mean and variance of the \
      logit, the entropy and BALD in bits.

      How images are resized (bilinear, half-pixel centres, no antialiasing) changes what is \
      found: use the way in which the model was trained.
      """)

  @Argument(help: ArgumentHelp("Images, or folders of images.", valueName: "image"))
  var images: [String]

  @OptionGroup var model: ModelOptions
  @OptionGroup var runtime: BackendOptions

  @Option(help: ArgumentHelp("Detections need a larger confidence.", valueName: "number"))
  var confidence: Float = 0.25

  @Option(
    help: ArgumentHelp(
      "Per class, of two detections with a larger IoU the less confident is dropped.",
      valueName: "iou"))
  var nms: Float = 0.45

  @Option(help: ArgumentHelp("Writes the detections as JSON here.", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp("Writes the images with boxes here, in their own format.", valueName: "dir"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Writes the detections as VOC's comp4_det_test_CLASS.txt files here.", valueName: "dir"))
  var vocOut: String?

  @Option(
    help: ArgumentHelp(
      """
      Recalibrates the confidences with a file of detector calibrate. (default: the one in the \
      folder of --run, if there is one)
      """, valueName: "file"))
  var calibration: String?

  @Flag(help: "Report the network's own confidences, whatever is in the folder of --run.")
  var rawConfidence = false

  @Flag(help: "Report every class of a box above the threshold, not the most probable one alone.")
  var allClasses = false

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    try model.validateIsNamed()
    if !(0...1).contains(confidence) || !(0...1).contains(nms) {
      throw ValidationError("--confidence and --nms must be between 0 and 1")
    }
    if calibration != nil && rawConfidence {
      throw ValidationError("--calibration and --raw-confidence exclude each other")
    }
  }

  func run() throws {
    let files = try ImageFile.list(images)
    // Places that cannot be written to must show before the work, not after it.
    for case let folder? in [out, vocOut] { try Folder.make(folder) }
    let pictures = try out.map { try PictureFolder($0, sources: files) }
    if let json { try AtomicFile.check(json) }
    let maps = try calibrationFile.map { try RecalibrationModel(contentsOf: URL(filePath: $0)) }
    guard let loaded = try model.load(try runtime.makeBackend()) else { return }
    // Recalibrated confidences may be higher: the threshold is theirs.
    var settings = model.settings(
      loaded, confidence: maps == nil ? confidence : min(confidence, 0.005), suppression: nms)
    settings.classes = allClasses ? .all : .best
    settings.clipsBoxes = false
    settings.keepsUncertainty = loaded.knowsUncertainty
    let predictor = Predictor(network: loaded.network, settings: settings)
    let classNames = try loaded.detectedClassNames()
    if !quiet {
      report(
        "model: \(loaded.origin); input \(settings.inputWidth)x\(settings.inputHeight), "
          + "\(settings.resizeMode.rawValue)"
          + (calibrationFile.map { "; confidences recalibrated by \($0)" } ?? ""))
    }
    var found: [(file: ImageFile, content: ImageDetections)] = []
    for file in files {
      let image: Image
      do {
        image = try Image.read(file.url)
      } catch let error as ImageError {
        report("Error: \(error)")
        continue
      }
      var detections = try predictor.detections(in: image)
      if let maps {
        detections = maps.applied(to: detections, classNames: classNames)
          .filter { $0.confidence > confidence }.sorted { $0.confidence > $1.confidence }
      }
      try pictures?.write(
        DetectionPicture(classNames: classNames).drawing(detections, on: image), of: file)
      let content = ImageDetections(
        detections, classNames: classNames, file: file.path, width: image.width,
        height: image.height, resize: settings.resizeMode)
      if !quiet { print(content.text) }
      found.append((file, content))
    }
    try write(found, classNames: classNames)
    if found.count < files.count {
      report("\(files.count - found.count) of \(files.count) images could not be read")
      throw ExitCode.failure
    }
  }

  /// The file that confidences are recalibrated with.
  private var calibrationFile: String? {
    if calibration != nil || rawConfidence { return calibration }
    guard let run = model.run else { return nil }
    let own = RunFolder(path: run).calibration
    return FileManager.default.fileExists(atPath: own) ? own : nil
  }

  private func write(
    _ found: [(file: ImageFile, content: ImageDetections)], classNames: [String]
  ) throws {
    if let json {
      try AtomicFile.write([UInt8](JSONDetectionFile.data(found.map(\.content))), to: json)
    }
    guard let vocOut else { return }
    let named = found.map { file, content in
      var content = content
      content.file = file.stem
      if let width = content.width, let height = content.height {
        for index in content.detections.indices {
          content.detections[index].box = content.detections[index].box.clipped(
            width: Float(width), height: Float(height))
        }
      }
      return content
    }
    try VOCDetectionFile.write(named, classNames: classNames, to: URL(filePath: vocOut))
  }
}
