package import Darknet
import Datasets
import Detection
import Foundation
package import Training

/// The images of a run, and the cfg for their classes.
package struct TrainingMaterial {
  /// The images.
  package let data: Trainer.TrainingData
  /// `PATH[:SPLIT]` of the images to learn from, paths absolute.
  package let trainingSets: [String]
  /// `PATH[:SPLIT]` of the images to judge by, paths absolute.
  package let validationSets: [String]
  /// The cfg for the classes and the input size that were asked for.
  package let file: ConfigurationFile

  /// Reads annotations and cfg.
  ///
  /// - Parameters:
  ///   - plan: What a user asks for.
  ///   - splitSeed: Chooses the validation images of a folder without lists.
  ///   - console: Told what was left out and what was changed.
  /// - Throws: `DataError`, `DarknetError`, `FileError`.
  package init(_ plan: TrainingPlan, splitSeed: UInt64, _ console: Console) throws {
    let names = try plan.names.map { try DetectionModel.readNames(URL(filePath: $0)) }
    let training = try plan.data.read(
      split: "train", classNames: names, seed: splitSeed, console)
    trainingSets = plan.data.voc.map(Self.absolute)
    validationSets = Self.validationSets(plan, console).map(Self.absolute)
    file = try Self.adaptedFile(plan, classCount: training.classNames.count, console)
    data = try Self.data(
      training, validationSets: validationSets, valFraction: plan.data.valFraction,
      seed: splitSeed, console)
  }

  /// The images of a run that has been started before.
  ///
  /// - Throws: `DataError`.
  package static func data(
    of configuration: RunConfiguration, _ console: Console
  ) throws -> Trainer.TrainingData {
    let seed = configuration.splitSeed ?? configuration.options.seed
    let choice = DataChoice(
      voc: configuration.trainingSets, valFraction: configuration.valFraction)
    // What was left out of the training images was told when the run was started.
    let training = try VOCDataset(
      sources: choice.sources, split: "train", classNames: configuration.classNames,
      valFraction: choice.valFraction, seed: seed)
    return try data(
      training, validationSets: configuration.validationSets, valFraction: choice.valFraction,
      seed: seed, console)
  }

  private static func data(
    _ training: VOCDataset, validationSets: [String], valFraction: Float, seed: UInt64,
    _ console: Console
  ) throws -> Trainer.TrainingData {
    let validation =
      validationSets.isEmpty
      ? []
      : try DataChoice(voc: validationSets, valFraction: valFraction).read(
        split: "val", classNames: training.classNames, seed: seed, console
      ).items
    return .init(
      training: training.items, validation: validation, classNames: training.classNames)
  }

  /// The cfg for the classes of the data and the input size that was asked for.
  private static func adaptedFile(
    _ plan: TrainingPlan, classCount: Int, _ console: Console
  ) throws -> ConfigurationFile {
    var file = try ConfigurationFile(
      contentsOf: URL(filePath: plan.model), lenient: plan.isLenient)
    for warning in file.warnings { console.say("warning: \(warning)") }
    let heads = try NetworkBuilder.build(file).nodes.compactMap(\.head)
    if heads.contains(where: { $0.classCount != classCount }) {
      console.say("\(file.fileName): heads set to \(classCount) classes")
      file = try file.settingClassCount(classCount)
    }
    if let size = plan.inputSize { file = try file.settingInputSize(width: size, height: size) }
    return file
  }

  private static func validationSets(_ plan: TrainingPlan, _ console: Console) -> [String] {
    if !plan.validation.isEmpty { return plan.validation }
    // Sets without an own split were read as `train`: their `val` is free to judge by.
    let free = plan.data.sources.filter { $0.split == nil || $0.split == "train" }
    if free.isEmpty {
      console.say(
        "note: no validation images; give some with --validate to keep the best checkpoint")
    }
    return free.map { $0.folder.path + ":val" }
  }

  /// A run is continued from anywhere: its paths must not depend on the current folder.
  private static func absolute(_ argument: String) -> String {
    let source = VOCSource(argument: argument)
    return source.folder.standardizedFileURL.path + (source.split.map { ":" + $0 } ?? "")
  }
}
