import ArgumentParser
import Detection
import Evaluation
import Exchange
import Experiments
import Images
import Tasks
import Training

struct Detect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Finds objects in images.",
    discussion: """
      Images are JPEG, PNG, BMP, TIFF or WebP files, or folders of them. The model is a training run (--run) or \
      Darknet files (--model and --weights). An image that cannot be read is named, the others \
      are done, and the exit code is 1.

      A film (clip.mp4), a camera (/dev/video0) or a stream (rtsp://…) is read by the program ffmpeg: --out \
      gets the film with boxes, and a table and a plot of how sure the network is of each picture. \
      --frames keeps the pictures, of which detector select chooses those worth labelling.

      Boxes are in pixels of the image: left and top edge from 0, width, height. They are \
      reported as predicted and may reach beyond the image; pictures and VOC files cut them off. \
      A network that was trained with a Bayesian branch (train --loss uncertainty) says for each \
      detection how uncertain its objectness is: in the JSON file, the mean and variance of the \
      logit, the entropy and BALD in bits. One that was trained with train --place iou says with which \
      IoU the box is expected to lie on its object.

      How images are resized (bilinear, half-pixel centres, no antialiasing) changes what is \
      found: use the way in which the model was trained.
      """)

  @Argument(help: ArgumentHelp("Images, or folders of images.", valueName: "image"))
  var images: [String]

  @OptionGroup var model: ModelOptions
  @OptionGroup var runtime: BackendOptions

  @OptionGroup var found: DetectionOptions
  @OptionGroup var augmentation: AugmentationOptions

  @Option(
    help: ArgumentHelp(
      "Writes the detections as JSON here; - is standard output.", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp("Writes the images with boxes here, in their own format.", valueName: "dir"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Of a film: looks at every n-th picture. (default: 1)", valueName: "n"))
  var every: Int?

  @Option(
    help: ArgumentHelp(
      "Of a film: writes the pictures that are looked at here.", valueName: "dir"))
  var frames: String?

  @Option(
    help: ArgumentHelp(
      "Writes the detections as VOC's comp4_det_test_CLASS.txt files here.", valueName: "dir"))
  var vocOut: String?

  @Option(
    help: ArgumentHelp(
      """
      Writes VOC's XML of each image here: labels to begin with, which LabelImg and CVAT open. Set \
      --confidence to what is worth correcting.
      """, valueName: "dir"))
  var vocXml: String?

  @Option(
    help: ArgumentHelp(
      "Writes YOLO's label file of each image here, and classes.txt.", valueName: "dir"))
  var yoloOut: String?

  @Option(
    help: ArgumentHelp(
      """
      Writes the detections as COCO's results here: the image's id is its number where all have one, else its \
      file name; categories count from 1; - is standard output.
      """, valueName: "file"))
  var cocoOut: String?

  @Option(
    help: ArgumentHelp(
      """
      Recalibrates the confidences with a file of detector calibrate. (default: the one in the \
      folder of --run, if there is one)
      """, valueName: "file"))
  var calibration: String?

  @Option(
    help: ArgumentHelp(
      """
      Reports each class above its own threshold, of a file of detector calibrate --thresholds; they \
      are for the network's own confidences, whatever is reported. (default: the file in the folder of \
      --run, if there is one and no --confidence)
      """, valueName: "file"))
  var thresholds: String?

  @Option(help: RankingHelp.text)
  var rank: RankingScore = .confidence

  @Flag(help: RankingHelp.voting)
  var voteBoxes = false

  @Flag(
    help:
      "Draw on the pictures how far each edge may be off: a bar of one standard deviation to either side."
  )
  var showEdges = false

  @Option(
    help: ArgumentHelp(
      """
      Says how likely each detection is right, by a file of detector calibrate. (default: probability.json \
      in the folder of --run, if there is one)
      """, valueName: "file"))
  var probability: String?

  @Flag(
    help:
      "Say on the pictures how likely each detection is right and how well its box is expected to be placed."
  )
  var showTrust = false

  @Flag(
    help:
      "Report the network's own confidences, and no probabilities, whatever is in the folder of --run."
  )
  var rawConfidence = false

  @Flag(help: "Report every class of a box above the threshold, not the most probable one alone.")
  var allClasses = false

  func validate() throws {
    _ = try model.named()
    if rawConfidence, calibration != nil || probability != nil {
      throw ValidationError("--raw-confidence excludes --calibration and --probability")
    }
    if thresholds != nil && found.confidence != nil {
      throw ValidationError("--thresholds and --confidence exclude each other")
    }
    if let every, every < 1 { throw ValidationError("--every must be at least 1") }
    let films = images.compactMap { VideoSource($0) }
    if films.isEmpty {
      if every != nil || frames != nil {
        throw ValidationError("--every and --frames are for films")
      }
    } else if images.count > 1 {
      throw ValidationError("give one film alone")
    } else if vocOut != nil || vocXml != nil || yoloOut != nil || cocoOut != nil {
      throw ValidationError(
        "labels are written of images: keep those of the film with --frames, and detect in them")
    }
  }

  func run() throws {
    let model = try model.named()
    if try model.task() == ClassificationTask.self {
      throw ValidationError("this network is a classifier: ask it with detector predict")
    }
    var detection = DetectionRun(model: model)
    detection.confidence = found.confidence ?? detection.confidence
    detection.suppression = found.nms
    detection.views = augmentation.views
    detection.ranking = rank
    detection.votesBoxes = voteBoxes
    detection.showsEdges = showEdges
    detection.showsTrust = showTrust
    detection.probability = probability ?? (rawConfidence ? nil : model.ownProbability)
    detection.classes = allClasses ? .all : .best
    detection.thresholds = thresholds ?? (found.confidence == nil ? model.ownThresholds : nil)
    detection.calibration = calibration ?? (rawConfidence ? nil : model.ownCalibration)
    detection.pictures = out
    detection.json = json
    detection.voc = vocOut
    detection.coco = cocoOut
    if let vocXml { detection.labels.append((.voc, vocXml)) }
    if let yoloOut { detection.labels.append((.yolo, yoloOut)) }
    if let film = VideoSource(images[0]) { return try look(film, detection) }
    let text = ResultText(beside: json, cocoOut)
    let outcome = try detection.run(
      on: images, backend: try runtime.makeBackend(), found.console
    ) { content in
      if !found.quiet { text.say(content.text) }
    }
    try DetectionOptions.finish(outcome, found.console)
  }

  private func look(_ film: VideoSource, _ detection: DetectionRun) throws {
    var rules = DetectionRun.VideoRules()
    rules.every = every ?? 1
    rules.frames = frames
    let outcome = try detection.run(
      on: film, rules, backend: try runtime.makeBackend(), found.console, until: InterruptFlag())
    if outcome.wasInterrupted { throw ExitCode(InterruptFlag.exitCode) }
  }
}
