import ArgumentParser
import Evaluation
import Experiments
import Tasks

struct Select: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Chooses the images that are most worth labelling next.",
    discussion: """
      Images are JPEG or PNG files, or folders of them. Every image is scored by its detections: \
      those above --confidence after suppression, one class a box. An image without any scores 0.

      Scores of a detection: entropy, that of its confidence in bits; least-confident, one minus its \
      confidence; probability, the entropy of its probability of being right, by detector calibrate; \
      expected-iou, that of confidence times expected IoU, which takes --place iou; bald, the mutual \
      information of objectness and weights in bits, which takes a Bayesian branch. Without --score it is \
      the one of entropy, expected-iou, probability and bald whose number told wrong detections best when the \
      run was calibrated, and one line says which and why. Of a classifier the same are taken of its answer: \
      bald of class and weights, the entropy of all probabilities, and margin, one minus what the most \
      probable class is ahead of the next. --aggregate makes one number of them: the largest, \
      the sum, or the mean of the --top largest (of all if there are fewer).

      --balance none takes the highest scores. penalty divides a score by 1 + n, n being the number \
      of images chosen so far with the one of its classes that has the fewest. round-robin gives the turn to the \
      class with the fewest chosen images, then takes the highest score among the images it is \
      predicted in. Classes that are predicted with --class-confidence count.

      Images whose 64-bit difference hashes differ in at most --hash-distance bits count as copies: \
      of those only one is chosen, and none if --labelled holds one. The folder then holds selected.txt (a path a line, best first), \
      selected.json (every image with score, rank, classes, and what it is a copy of) and \
      contact-sheet.png (the first 100). An image that cannot be read is named, the others are done, \
      and the exit code is 1.
      """)

  @Argument(help: ArgumentHelp("Images, or folders of images.", valueName: "image"))
  var images: [String]

  @OptionGroup var model: ModelOptions
  @OptionGroup var runtime: BackendOptions

  @Option(help: ArgumentHelp("The most images to choose.", valueName: "count"))
  var budget: Int

  @Option(help: ArgumentHelp("Writes everything here.", valueName: "dir"))
  var out: String

  @Option(
    help: ArgumentHelp(
      """
      What a detection or an answer is scored by: bald, entropy, least-confident, probability, expected-iou, \
      margin. (default: what told wrong detections when the run was calibrated, else the entropy)
      """, valueName: "name"))
  var score: ImageScore.Measure?

  @Option(
    help: ArgumentHelp(
      "What becomes of the scores of an image's detections. (default: top-k)", valueName: "rule"))
  var aggregate: ImageScore.Aggregate?

  @Option(
    help: ArgumentHelp(
      "How many detections top-k is the mean of. (default: 5)", valueName: "count"))
  var top: Int?

  @Option(help: ArgumentHelp("How rare classes are provided for.", valueName: "rule"))
  var balance = ImageSelection.Balance.none

  @Option(
    help: ArgumentHelp(
      "A class counts as predicted in an image with a detection, or an answer, of a larger confidence.",
      valueName: "number"))
  var classConfidence: Float = 0.25

  @Option(
    help: ArgumentHelp(
      "Images whose hashes differ in at most so many of 64 bits are copies.", valueName: "bits"))
  var hashDistance = 8

  @Option(
    help: ArgumentHelp(
      "An image or folder that is labelled already: copies of those are left out; may be repeated.",
      valueName: "path"))
  var labelled: [String] = []

  @Flag(help: "Choose copies like any other image.")
  var keepCopies = false

  @OptionGroup var found: DetectionOptions
  @OptionGroup var augmentation: AugmentationOptions

  func validate() throws {
    _ = try model.named()
    if budget < 1 { throw ValidationError("--budget must be at least 1") }
    if let top, top < 1 { throw ValidationError("--top must be at least 1") }
    if keepCopies && !labelled.isEmpty {
      throw ValidationError("--labelled leaves out copies, which --keep-copies keeps: give one")
    }
    if !(0...64).contains(hashDistance) {
      throw ValidationError("--hash-distance must be between 0 and 64")
    }
    if !(0...1).contains(classConfidence) {
      throw ValidationError("--class-confidence must be between 0 and 1")
    }
  }

  func run() throws {
    let named = try model.named()
    let task = try named.task()
    if task == KeypointTask.self || task == CenterTask.self {
      try check(
        [
          ("--nms", found.nms != DetectionOptions.overlap),
          ("--augment", augmentation.augment != nil),
          ("--confidence", task == KeypointTask.self && found.confidence != nil),
        ], areFor: "keypoints")
    }
    if task == ClassificationTask.self {
      try checkForClassifier([
        ("--aggregate", aggregate != nil), ("--top", top != nil),
        ("--confidence", found.confidence != nil), ("--nms", found.nms != DetectionOptions.overlap),
        ("--augment", augmentation.augment != nil),
      ])
    }
    let working = score == nil ? named.selectionScore(for: task) : nil
    var pool = PoolSelection(
      model: named,
      score: ImageScore(
        score ?? working?.kind ?? .entropy, aggregate: aggregate ?? .topK, count: top ?? 5),
      selection: ImageSelection(
        budget: budget, balance: balance, duplicateDistance: keepCopies ? nil : hashDistance))
    pool.confidence = found.confidence ?? pool.confidence
    pool.suppression = found.nms
    pool.views = augmentation.views
    pool.classConfidence = classConfidence
    pool.remark = working?.reason
    let (result, outcome) = try pool.run(
      on: images, labelled: labelled, folder: out, backend: try runtime.makeBackend(),
      found.console)
    if !found.quiet { print(result.text, terminator: "") }
    try DetectionOptions.finish(outcome, found.console)
  }
}

extension ImageScore.Measure: ExpressibleByArgument {}
extension ImageScore.Aggregate: ExpressibleByArgument {}
extension ImageSelection.Balance: ExpressibleByArgument {}
