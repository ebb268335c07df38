import ArgumentParser
import Compute
import Experiments
import Tasks

/// Which annotated images to judge on, and what was found in them or how to find it.
struct TruthOptions: ParsableArguments {
  @OptionGroup var data: DataOptions

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

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      """
      Detection files instead of a model: JSON of detector detect or COCO results, a comp4 file, \
      or a folder of comp4 or YOLO files.
      """, valueName: "path"))
  var detections: String?

  @OptionGroup var prediction: PredictionOptions

  func validate() throws {
    let sources = (data.isGiven ? 1 : 0) + (coco == nil ? 0 : 1) + (yolo == nil ? 0 : 1)
    let isOfRun = sources == 0 && model.run != nil && detections == nil
    if sources != 1, !isOfRun {
      throw ValidationError(
        "give one data set with --voc, --data, --coco or --yolo; only a --run knows its own")
    }
    if !isOfRun && !data.isGiven && detections == nil {
      throw ValidationError("with --coco or --yolo give --detections")
    }
    if detections != nil && (model.run != nil || model.model != nil) {
      throw ValidationError("give a model or --detections, not both")
    }
    if detections != nil && prediction.augmentation.augment != nil {
      throw ValidationError("--augment needs a model: --detections are what was found already")
    }
  }

  /// The data as they were named; of a run's own, the run.
  var named: [String] {
    let given = data.voc + data.data + [coco, yolo].compactMap(\.self)
    return given.isEmpty
      ? [model.run].compactMap { $0.map { "validation images of \($0)" } } : given
  }

  /// The model if it is a classifier; nil for one that does something else, and for files.
  ///
  /// - Throws: What reading its cfg throws.
  func classifier() throws -> ModelChoice? { try choice(of: [ClassificationTask.self]) }

  /// The model if it finds keypoints or centres of objects; nil for one that does something else, and for
  /// files.
  ///
  /// - Throws: What reading its cfg throws.
  func keypoints() throws -> ModelChoice? {
    try choice(of: [KeypointTask.self, CenterTask.self])
  }

  private func choice(of tasks: [any LearningTask.Type]) throws -> ModelChoice? {
    guard let choice = model.choice else { return nil }
    let own = try choice.task()
    return tasks.contains { $0 == own } ? choice : nil
  }

  /// What was given that means nothing for a classifier.
  var givenForDetection: [GivenOption] {
    [
      ("--coco", coco != nil), ("--yolo", yolo != nil), ("--images", images != nil),
      ("--relative-variance", model.relativeVariance != nil),
    ] + prediction.givenForDetection
  }

  /// Reads the annotations, and reads or makes the detections, which carry what suppression merged into them
  /// if it is asked for.
  func input(
    _ backend: any Backend, _ console: Console, keepsMerged: Bool = false
  ) throws -> EvaluationInput {
    var rules = prediction.rules
    rules.keepsMerged = keepsMerged
    let truth: GroundTruthSource.Choice =
      if let coco {
        .coco(coco)
      } else if let yolo {
        .yolo(labels: yolo, images: images)
      } else {
        .data(try data.choice(orOf: model.run.map { [$0] } ?? [], console))
      }
    let found: EvaluationInput.Found
    if let detections {
      found = .files(detections, names: model.names)
    } else if let choice = model.choice {
      found = .model(choice)
    } else {
      throw ValidationError("name a model with --run or --model, or files with --detections")
    }
    return try EvaluationInput(
      truth, found, rules: rules, backend: backend, console)
  }
}
