import ArgumentParser
import Detection
import Drawing
import Evaluation
import Experiments
import Files
import Foundation
import Geometry
import Images
import Tasks
import Training

struct Select: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Chooses the images that are most worth labelling next.",
    discussion: """
      Images are JPEG or PNG files, or folders of them. Every image is scored by its detections: \
      those above --confidence after suppression, one class a box. An image without any scores 0.

      Scores of a detection: bald, the mutual information of objectness and weights in bits, which \
      needs a network with a Bayesian branch; entropy, that of its confidence in bits; \
      least-confident, one minus its confidence. --aggregate makes one number of them: the largest, \
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

  @Option(help: ArgumentHelp("What a detection is scored by.", valueName: "name"))
  var score = ImageScore.Measure.bald

  @Option(help: ArgumentHelp("What becomes of the scores of an image.", valueName: "rule"))
  var aggregate = ImageScore.Aggregate.topK

  @Option(help: ArgumentHelp("How many detections top-k is the mean of.", valueName: "count"))
  var top = 5

  @Option(help: ArgumentHelp("How rare classes are provided for.", valueName: "rule"))
  var balance = ImageSelection.Balance.none

  @Option(
    help: ArgumentHelp(
      "A class counts as predicted in an image with a detection of a larger confidence.",
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

  @Option(help: ArgumentHelp("Detections need a larger confidence.", valueName: "number"))
  var confidence: Float = 0.05

  @Option(
    help: ArgumentHelp(
      "Per class, of two detections with a larger IoU the less confident is dropped.",
      valueName: "iou"))
  var nms: Float = 0.45

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    try model.validateIsNamed()
    if budget < 1 { throw ValidationError("--budget must be at least 1") }
    if top < 1 { throw ValidationError("--top must be at least 1") }
    if keepCopies && !labelled.isEmpty {
      throw ValidationError("--labelled leaves out copies, which --keep-copies keeps: give one")
    }
    if !(0...64).contains(hashDistance) {
      throw ValidationError("--hash-distance must be between 0 and 64")
    }
    if !(0...1).contains(confidence) || !(0...1).contains(nms) {
      throw ValidationError("--confidence and --nms must be between 0 and 1")
    }
    if !(0...1).contains(classConfidence) {
      throw ValidationError("--class-confidence must be between 0 and 1")
    }
  }

  func run() throws {
    let files = try ImageFile.list(images)
    let known = labelled.isEmpty ? [] : try ImageFile.list(labelled)
    // A place that cannot be written to must show before the work, not after it.
    try Folder.make(out)
    guard let loaded = try model.load(try runtime.makeBackend()) else { return }
    if score == .bald { _ = try loaded.bald(remedy: "; or choose by --score entropy") }
    let classNames = try loaded.detectedClassNames()
    var settings = model.settings(loaded, confidence: confidence, suppression: nms)
    settings.classes = .best
    settings.keepsUncertainty = loaded.knowsUncertainty
    let pool = try scored(
      files, predictor: Predictor(network: loaded.network, settings: settings),
      origin: loaded.origin)
    let selection = ImageSelection(
      budget: budget, balance: balance, duplicateDistance: keepCopies ? nil : hashDistance)
    let hashes = hashes(of: known)
    let verdicts = selection.verdicts(pool.map(\.candidate), labelled: hashes.map(\.hash))
    let result = SelectionReport(
      pool, verdicts: verdicts, classNames: classNames, selection: selection,
      labelled: hashes.map(\.file.path),
      score: imageScore, confidence: confidence,
      classConfidence: classConfidence, model: loaded.origin)
    try write(result)
    let unreadable = files.count - pool.count + known.count - hashes.count
    if unreadable > 0 {
      report("\(unreadable) of \(files.count + known.count) images could not be read")
      throw ExitCode.failure
    }
  }

  /// What labelled images look like; those that cannot be read are named.
  private func hashes(of files: [ImageFile]) -> [(file: ImageFile, hash: DifferenceHash)] {
    files.compactMap { file in
      do {
        return (file, DifferenceHash(try Image.read(file.url)))
      } catch {
        report("Error: \(error)")
        return nil
      }
    }
  }

  private var imageScore: ImageScore {
    ImageScore(score, aggregate: aggregate, count: top)
  }

  private func scored(
    _ files: [ImageFile], predictor: Predictor, origin: String
  ) throws -> [ScoredImage] {
    let settings = predictor.settings
    if !quiet {
      report(
        "model: \(origin); input \(settings.inputWidth)x\(settings.inputHeight), "
          + "\(settings.resizeMode.rawValue)")
    }
    var meter = CountReporter(total: files.count, unit: "images")
    var pool: [ScoredImage] = []
    for (index, file) in files.enumerated() {
      do {
        let image = try Image.read(file.url)
        let found = try predictor.detections(in: image)
        guard let value = imageScore.value(of: found) else {
          preconditionFailure("detections without the uncertainty that was asked for")
        }
        pool.append(
          ScoredImage(
            file: file, score: value, detectionCount: found.count,
            classes: found.filter { $0.confidence > classConfidence }.map(\.classIndex),
            hash: DifferenceHash(image)))
      } catch let error as ImageError {
        report("Error: \(error)")
      }
      if !quiet { meter.update(index + 1) }
    }
    meter.finish()
    return pool
  }

  private func write(_ result: SelectionReport) throws {
    try AtomicFile.write(
      result.selected.map { $0.path + "\n" }.joined(), to: out + "/selected.txt")
    try JSONFile.write(result, to: out + "/selected.json")
    let sheet = ContactSheet()
    let entries = try result.selected.prefix(100).map { entry in
      let picture = sheet.thumbnail(of: try Image.read(URL(filePath: entry.path)))
      return (picture, "\(entry.rank ?? 0): " + String(format: "%.3f", entry.score))
    }
    try sheet.image(entries).writePNG(to: URL(filePath: out + "/contact-sheet.png"))
    guard !quiet else { return }
    print(result.text, terminator: "")
  }
}

extension ImageScore.Measure: ExpressibleByArgument {}
extension ImageScore.Aggregate: ExpressibleByArgument {}
extension ImageSelection.Balance: ExpressibleByArgument {}
