import ArgumentParser
import Experiments

/// How detections are judged.
struct JudgementOptions: ParsableArguments {
  @Option(help: ArgumentHelp("IoU that a detection needs to be right.", valueName: "iou"))
  var iou = 0.5

  @Option(
    help: ArgumentHelp(
      "All but mAP leave out detections with less confidence.", valueName: "number"))
  var trustFloor = 0.05

  @Option(
    help: ArgumentHelp(
      "Resamples of the images behind each 95 % interval; 0 for no intervals.", valueName: "draws"))
  var bootstrap = 1000

  @Option(
    help: ArgumentHelp("Chooses the resamples, and the noise of shift.", valueName: "number"))
  var seed: UInt64 = 1

  func validate() throws {
    if !(0...1).contains(iou) || !(0...1).contains(trustFloor) {
      throw ValidationError("--iou and --trust-floor must be between 0 and 1")
    }
    if bootstrap < 0 || bootstrap > 1_000_000 {
      throw ValidationError("--bootstrap must be between 0 and 1000000")
    }
  }

  /// What was given that means nothing for a classifier.
  var givenForDetection: [GivenOption] {
    [
      ("--iou", iou != Judgement().overlap),
      ("--trust-floor", trustFloor != Judgement().scoreFloor),
    ]
  }

  var judgement: Judgement {
    var judgement = Judgement()
    judgement.overlap = iou
    judgement.scoreFloor = trustFloor
    judgement.draws = bootstrap
    judgement.seed = seed
    return judgement
  }
}
