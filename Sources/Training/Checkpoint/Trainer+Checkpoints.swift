import Compute
import Darknet
import Layers
import Networks

extension Trainer {
  /// Continues from the folder's last checkpoint.
  ///
  /// - Throws: ``TrainingError`` if there is none, or it is of another cfg, seed, data set or
  ///   optimiser.
  package func resume() throws {
    var checkpoint = checkpoint()
    let saved = try Checkpoint.metadata(of: folder.last)
    guard saved.seed == options.seed, saved.trainingImageCount == data.training.count else {
      throw TrainingError.metadata(
        path: folder.last,
        reason: "was made with seed \(saved.seed) and \(saved.trainingImageCount) images, not "
          + "\(options.seed) and \(data.training.count)")
    }
    let (old, new) = (saved.optimizer ?? .sgd, options.optimizer.name)
    guard old == new else {
      throw TrainingError.metadata(
        path: folder.last,
        reason: "was trained with the optimiser \(old.rawValue), not \(new.rawValue)")
    }
    try checkpoint.restore(from: folder.last)
    metadata = checkpoint.metadata
    metadata.ranks = nil
    best = metadata.best
    iteration = metadata.iteration
    average?.restore(updates: metadata.averageUpdates ?? 0)
    network.parametersDidChange()
  }

  /// Writes the run as it is to the folder; of several ranks the first does.
  ///
  /// - Parameter isBest: Whether it is the best so far, too.
  /// - Throws: ``TrainingError/notFinite(quantity:iteration:images:)``, ``FileError``; `RankFailure` if
  ///   the ranks do not have the same.
  func save(isBest: Bool) throws {
    for (name, tensor) in network.parameters.map({ ($0.name, $0.parameter.values) })
    where !network.backend.isFinite(tensor) {
      throw TrainingError.notFinite(quantity: "\(name)", iteration: iteration, images: [])
    }
    try checkRanksAgree()
    guard group.isFirst else { return }
    let size = multiScale.size(at: iteration)
    let seen = iteration * options.batch
    metadata.iteration = iteration
    metadata.imagesSeen = seen
    metadata.epoch = seen / data.training.count
    metadata.positionInEpoch = seen % data.training.count
    metadata.inputWidth = size.width
    metadata.inputHeight = size.height
    metadata.averageUpdates = average?.updates
    metadata.best = best
    let checkpoint = checkpoint()
    if isBest { try checkpoint.save(to: folder.best) }
    try checkpoint.save(to: folder.last)
  }

  func checkpoint() -> Checkpoint {
    let named = network.parameters
    let model = named.map { NamedTensor($0.name, $0.parameter.values) }
    let learned = named.filter { $0.parameter.gradient != nil }
    func remembered(_ slot: OptimizerRule.Slot) -> [NamedTensor] {
      zip(learned, optimizer.tensors(of: slot)).map { NamedTensor($0.name, $1) }
    }
    let averages = zip(named, average?.averages ?? []).map { NamedTensor($0.name, $1) }
    return Checkpoint(
      metadata: metadata, model: model, momentum: remembered(.momentum),
      squares: remembered(.squares), average: averages)
  }
}
