import ArgumentParser
import Darknet
import Datasets
import Detection
import Foundation
import Training

extension TrainingArguments {
  /// The images of a run, and the cfg for their classes.
  struct Material {
    let training: SampleSet<[GroundTruth]>
    let validation: [Sample<[GroundTruth]>]
    let validationSets: [String]
    /// The cfg for the classes and the input size that were asked for.
    let file: ConfigurationFile

    var data: Trainer.TrainingData {
      .init(training: training.samples, validation: validation, classNames: training.classNames)
    }
  }

  /// Reads annotations and cfg.
  ///
  /// - Parameter splitSeed: Chooses the validation images of a folder without lists.
  /// - Returns: The images and the cfg for their classes.
  /// - Throws: `DataError`, `DarknetError`, `FileError`.
  func material(splitSeed: UInt64) throws -> Material {
    let names = try names.map { try DetectionModel.readNames(URL(filePath: $0)) }
    let sources = voc.map { DataArgument(argument: $0) }
    let training = try SampleSet(
      voc: sources, split: "train", classNames: names, valFraction: valFraction ?? 0.1,
      seed: splitSeed)
    report(training.problems)
    let validationSets = validationSets(sources).map(absolute)
    let file = try adaptedFile(classCount: training.classNames.count)
    return Material(
      training: training,
      validation: try TrainingArguments.validationItems(
        validationSets, classNames: training.classNames, valFraction: valFraction ?? 0.1,
        seed: splitSeed),
      validationSets: validationSets, file: file)
  }

  /// The images of the validation sets.
  static func validationItems(
    _ sets: [String], classNames: [String], valFraction: Float, seed: UInt64
  ) throws -> [Sample<[GroundTruth]>] {
    if sets.isEmpty { return [] }
    let data = try SampleSet(
      voc: sets.map { DataArgument(argument: $0) }, split: "val", classNames: classNames,
      valFraction: valFraction, seed: seed)
    report(data.problems)
    return data.samples
  }

  /// How a cfg is trained with these arguments.
  ///
  /// - Parameters:
  ///   - net: The cfg's `[net]`.
  ///   - material: What it is trained on.
  ///   - seed: The run's.
  ///   - splitSeed: That of the material, if it is not the run's.
  /// - Returns: What the run's folder keeps.
  /// - Throws: `TrainingError` or a `ValidationError` for a schedule that makes no sense.
  func configuration(
    _ net: NetConfiguration, _ material: Material, seed: UInt64, splitSeed: UInt64? = nil
  ) throws -> RunConfiguration {
    let options = options(net, imageCount: material.training.samples.count, seed: seed)
    return RunConfiguration(
      toolVersion: toolVersion, trainingSets: voc.map(absolute),
      validationSets: material.validationSets, valFraction: valFraction ?? 0.1,
      splitSeed: splitSeed, classNames: material.training.classNames, initialWeights: weights,
      initialGain: initGain, options: options, schedule: try schedule(net, options))
  }

  /// The cfg for the classes of the data and the input size that was asked for.
  private func adaptedFile(classCount: Int) throws -> ConfigurationFile {
    var file = try ConfigurationFile(contentsOf: URL(filePath: model ?? ""), lenient: lenient)
    for warning in file.warnings { report("warning: \(warning)") }
    let heads = try NetworkBuilder.build(file).nodes.compactMap(\.head)
    if heads.contains(where: { $0.classCount != classCount }) {
      report("\(file.fileName): heads set to \(classCount) classes")
      file = try file.settingClassCount(classCount)
    }
    if let size { file = try file.settingInputSize(width: size, height: size) }
    return file
  }

  private func validationSets(_ sources: [DataArgument]) -> [String] {
    if !validation.isEmpty { return validation }
    // Sets without an own split were read as `train`: their `val` is free to judge by.
    let free = zip(voc, sources).filter { $0.1.split == nil || $0.1.split == "train" }
    if free.isEmpty {
      report("note: no validation images; give some with --validate to keep the best checkpoint")
    }
    return free.map { $0.1.url.path + ":val" }
  }

  /// A run is continued from anywhere: its paths must not depend on the current folder.
  private func absolute(_ argument: String) -> String {
    let source = DataArgument(argument: argument)
    return source.url.standardizedFileURL.path + (source.split.map { ":" + $0 } ?? "")
  }
}
