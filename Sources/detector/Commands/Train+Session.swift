import Compute
import Darknet
import Datasets
import Foundation
import Training

extension Train {
  /// A new run.
  func started(_ backend: CPUBackend) throws -> TrainingSession {
    let seed = seed ?? 1
    let material = try arguments.material(splitSeed: seed)
    var file = try lossArguments.applied(
      to: material.file, imageCount: material.training.samples.count)
    for setting in arguments.settings { file = try file.applying(setting) }
    let net = try NetworkBuilder.build(file).net
    let session = try TrainingSession.start(
      file, arguments.configuration(net, material, seed: seed), data: material.data,
      path: out ?? RunFolder.unusedPath(in: "runs", name: "train"),
      opening: overwrite ? .overwrite : .new, backend: backend, report: { report($0) })
    session.announce(material.data)
    return session
  }

  /// The run in `--out`.
  func continued(_ backend: CPUBackend) throws -> TrainingSession {
    let folder = try RunFolder.open(out ?? "", as: .resume)
    let configuration = try RunConfiguration(contentsOf: folder.configuration)
    let seed = configuration.splitSeed ?? configuration.options.seed
    let training = try SampleSet(
      voc: configuration.trainingSets.map { DataArgument(argument: $0) }, split: "train",
      classNames: configuration.classNames, valFraction: configuration.valFraction, seed: seed)
    let data = Trainer.TrainingData(
      training: training.samples,
      validation: try TrainingArguments.validationItems(
        configuration.validationSets, classNames: training.classNames,
        valFraction: configuration.valFraction, seed: seed),
      classNames: training.classNames)
    let session = try TrainingSession.resume(folder, configuration, data: data, backend: backend)
    session.announce(data)
    return session
  }
}
