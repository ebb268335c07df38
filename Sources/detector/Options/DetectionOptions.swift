import ArgumentParser
import Experiments
import Tasks

/// Which detections count in images, and how much is said about them.
struct DetectionOptions: ParsableArguments {
  /// Of ``nms`` where nothing is said.
  static let overlap: Float = 0.45

  @Option(
    help: ArgumentHelp(
      "Detections need a larger confidence. (default: 0.25, detect: the thresholds of --run if there are any; select: 0.05)",
      valueName: "number"))
  var confidence: Float?

  @Option(
    help: ArgumentHelp(
      "Per class, of two detections with a larger IoU the less confident is dropped.",
      valueName: "iou"))
  var nms = DetectionOptions.overlap

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    if !(0...1).contains(confidence ?? 0) || !(0...1).contains(nms) {
      throw ValidationError("--confidence and --nms must be between 0 and 1")
    }
  }

  var console: Console { Console(isQuiet: quiet) }

  /// Names how many images could not be read, if there are any, with exit code 1.
  static func finish(_ outcome: ImageWalk.Outcome, _ console: Console) throws {
    guard let complaint = outcome.complaint else { return }
    console.say(complaint)
    throw ExitCode.failure
  }
}

/// How objects are found in the images of a data set that judges them: all above a low confidence.
struct PredictionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Detections need a larger confidence.", valueName: "number"))
  var confidence: Float = 0.005

  @Option(
    help: ArgumentHelp(
      "Per class, of two detections with a larger IoU the less confident is dropped.",
      valueName: "iou"))
  var nms = DetectionOptions.overlap

  @Option(
    help: ArgumentHelp(
      "Images that are run at once. (default: 4; of classifiers and keypoints 32)",
      valueName: "images"))
  var batch: Int?

  @Option(help: RankingHelp.text)
  var rank: RankingScore = .confidence

  @Flag(help: RankingHelp.voting)
  var voteBoxes = false

  @OptionGroup var augmentation: AugmentationOptions

  func validate() throws {
    if !(0...1).contains(confidence) || !(0...1).contains(nms) {
      throw ValidationError("--confidence and --nms must be between 0 and 1")
    }
    if let batch, batch < 1 { throw ValidationError("--batch must be at least 1") }
  }

  /// What was given that means nothing for a classifier.
  var givenForDetection: [GivenOption] {
    [
      ("--confidence", confidence != PredictionRules().confidence),
      ("--nms", nms != PredictionRules().suppression),
      ("--rank", rank != .confidence), ("--vote-boxes", voteBoxes),
      ("--augment", augmentation.augment != nil),
    ]
  }

  var rules: PredictionRules {
    var rules = PredictionRules()
    rules.confidence = confidence
    rules.suppression = nms
    rules.batchSize = batch
    rules.views = augmentation.views
    rules.ranking = rank
    rules.votesBoxes = voteBoxes
    return rules
  }
}

/// What `--rank` says of itself.
enum RankingHelp {
  static let text = ArgumentHelp(
    """
    What detections are ranked by, in suppression, against thresholds and in files: confidence, or \
    expected-iou, confidence times the IoU that the box is expected to have (train --place iou).
    """, valueName: "score")

  /// What `--vote-boxes` says of itself.
  static let voting = ArgumentHelp(
    """
    Moves the edges of a box to the mean of those that suppression merges into it, weighted by the variances \
    of a model that was trained with train --place gaussian.
    """)
}

extension RankingScore: ExpressibleByArgument {}
