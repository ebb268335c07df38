package import Darknet
package import Datasets
import Detection
import Foundation
import Keypoints
package import Tasks
package import Training

/// The data of a run, and the cfg for their classes.
package struct TrainingMaterial<Task: LearningTask> {
  /// The images with their targets.
  package let data: TrainingData<Task.Target>
  /// What the run's folder says about where they lie.
  package let sources: RunDataSources
  /// How they were read; the share for testing is 0 where none was set aside.
  package let rules: ReadingRules
  /// The cfg for the classes and the input size that were asked for.
  package internal(set) var file: ConfigurationFile

  /// Reads data and adapts the cfg to them.
  ///
  /// - Parameters:
  ///   - plan: What a user asks for.
  ///   - file: The plan's cfg.
  ///   - console: Told what was left out and what was changed.
  /// - Throws: `DataError`, `DarknetError`, `FileError`.
  package init(_ plan: TrainingPlan, file: ConfigurationFile, _ console: Console) throws {
    let names = try plan.names.map { try TrainedModel.readNames(URL(filePath: $0)) }
    let sets = try plan.data.sets()
    let training = try plan.data.read(
      sets, for: Task.self, split: "train", classNames: names, console)
    if let objects = training as? SampleSet<[GroundTruth]> {
      try objects.checkLearnable(
        place: (plan.data.voc + plan.data.other).joined(separator: ", "))
    }
    for hint in TrainingHints.names(training.classNames) { console.say("note: " + hint) }
    sources = RunDataSources(
      training: plan.data.arguments.map(\.absolute),
      validation: Self.validationSets(plan, console).map(\.absolute),
      isRecognized: plan.data.voc.isEmpty)
    var rules = plan.data.rules
    if !sets.contains(where: { $0.keepsTestShare(from: "train", by: rules.shares) }) {
      rules.shares.test = 0
    }
    self.rules = rules
    self.file = try Self.adapted(file, plan, training, console)
    data = try Self.data(training, sources, rules, plan.labelNoise, console)
  }

  /// The data of a run that has been started before.
  ///
  /// - Throws: `DataError`.
  package static func data(
    of configuration: RunConfiguration, _ console: Console
  ) throws -> TrainingData<Task.Target> {
    let (sources, rules) = (configuration.sources, configuration.rules)
    // What was left out of the training images was told when the run was started.
    let training = try Task.read(
      sources.choice(sources.training, rules).sets(), split: "train",
      classNames: configuration.classNames, rules: rules)
    return try data(training, sources, rules, configuration.labelNoise, console)
  }

  private static func data(
    _ training: SampleSet<Task.Target>, _ sources: RunDataSources, _ rules: ReadingRules,
    _ noise: LabelNoise?, _ console: Console
  ) throws -> TrainingData<Task.Target> {
    var validation: SampleSet<Task.Target>?
    if !sources.validation.isEmpty {
      validation = try Task.read(
        sources.choice(sources.validation, rules).sets(), split: "val",
        classNames: training.classNames, rules: rules)
      console.say(leftOut: validation?.problems ?? [])
    }
    return TrainingData(
      training: try noise.map { try noisy(training, $0, console) } ?? training.samples,
      validation: validation?.samples ?? [],
      classNames: training.classNames)
  }

  /// The samples with errors in their labels.
  ///
  /// - Throws: ``UsageError`` for a task without boxes, and if classes shall change and there is one.
  private static func noisy(
    _ training: SampleSet<Task.Target>, _ noise: LabelNoise, _ console: Console
  ) throws -> [Sample<Task.Target>] {
    guard let objects = training.samples as? [Sample<[GroundTruth]>] else {
      throw UsageError("--label-noise is for detectors: it drops, moves and renames boxes")
    }
    let classCount = training.classNames.count
    guard classCount > 1 || noise.shares[.rename] ?? 0 == 0 else {
      throw UsageError("--label-noise rename= needs data of more than one class")
    }
    let (samples, changes) = noise.applied(to: objects, classCount: classCount)
    console.say(
      "label noise: "
        + LabelNoise.text(changes, objects: objects.reduce(0) { $0 + $1.target.count })
        + " in the training images (\(noise.text)); validation images keep their labels")
    guard let result = samples as? [Sample<Task.Target>] else {
      preconditionFailure("boxes became something else")
    }
    return result
  }

  /// The cfg for the classes of the data, and the input size and the optimiser that were asked for.
  private static func adapted(
    _ original: ConfigurationFile, _ plan: TrainingPlan, _ training: SampleSet<Task.Target>,
    _ console: Console
  ) throws -> ConfigurationFile {
    var file = original
    let classCount = training.classNames.count
    if let keypoints = training as? SampleSet<KeypointTruth> {
      if let layout = keypoints.samples.first?.target.layout {
        file = try file.settingKeypoints(layout)
        if file != original {
          console.say("\(file.fileName): keypoints named as in the data, \(layout.count) of them")
        }
        try tellWhatIsLost(original, layout, console)
      }
    } else if try NetworkBuilder.build(file).outputs.classCounts.contains(where: {
      $0 != classCount
    }) {
      console.say("\(file.fileName): heads set to \(classCount) classes")
      file = try file.settingClassCount(classCount)
    }
    if let size = plan.inputSize { file = try file.settingInputSize(width: size, height: size) }
    if let optimizer = plan.optimizer { file = try file.settingOptimizer(optimizer) }
    if let count = plan.frozenLayers { file = try file.freezing(layers: count) }
    return file
  }

  /// The data decide which keypoints change places: what the cfg alone knows of the same ones has no
  /// effect, which nobody would see.
  private static func tellWhatIsLost(
    _ original: ConfigurationFile, _ layout: KeypointLayout, _ console: Console
  ) throws {
    guard let own = try NetworkBuilder.build(original).outputs.heatmaps.last, own.isNamed,
      own.layout.names == ConfigurationFile.writtenNames(of: layout.names)
    else { return }
    let lost = [
      ("flip", !own.layout.pairs.isEmpty && layout.pairs.isEmpty),
      ("skeleton", !own.layout.edges.isEmpty && layout.edges.isEmpty),
      ("sigmas", own.layout.deviations != nil && layout.deviations == nil),
    ].filter(\.1).map { $0.0 + "=" }
    guard !lost.isEmpty else { return }
    console.say(
      "note: \(lost.joined(separator: ", ")) of [heatmap] in \(original.fileName) left out: the data "
        + "decide, and say nothing of it; a JSON of keypoints can")
  }

  private static func validationSets(_ plan: TrainingPlan, _ console: Console) -> [DataArgument] {
    if !plan.validation.isEmpty { return plan.validation.map { DataArgument(argument: $0) } }
    // Sets without an own split were read as `train`: their `val` is free to judge by.
    let free = plan.data.arguments.filter { $0.split == nil || $0.split == "train" }
    if free.isEmpty {
      console.say(
        "note: no validation images; give some with --validate to keep the best checkpoint")
    }
    return free.map { DataArgument($0.url, split: "val") }
  }
}

extension RunDataSources {
  /// Some of the sets, as a user would have named them.
  func choice(_ sets: [String], _ rules: ReadingRules) -> DataChoice {
    DataChoice(voc: isRecognized ? [] : sets, other: isRecognized ? sets : []).adopting(rules)
  }
}

extension DataArgument {
  /// A run is continued from anywhere: its paths must not depend on the current folder.
  fileprivate var absolute: String {
    url.standardizedFileURL.path + (split.map { ":" + $0 } ?? "")
  }
}
