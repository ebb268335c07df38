import Compute
import Layers
import Networks

/// What the ranks add up after every update.
struct SharedTensors {
  private let gradients: TensorBucket
  /// Mean and variance of every batch normalisation that goes on moving.
  private let statistics: TensorBucket

  /// Everything that learns; statistics unless all ranks compute the same ones.
  ///
  /// - Throws: `ComputeError`.
  init(_ parameters: [Network.NamedParameter], ranks: Int, withStatistics: Bool) throws {
    gradients = try TensorBucket(parameters.compactMap(\.parameter.gradient), ranks: ranks)
    statistics = try TensorBucket(
      parameters.filter {
        withStatistics && $0.parameter.gradient == nil && !$0.training.isFrozen
      }.map(\.parameter.values), ranks: ranks)
  }

  /// Gradients become sums over the ranks, statistics means.
  ///
  /// Rolling statistics are linear in those of the batches, so that their means are those of the mean:
  /// all ranks have the same after every update, and any number of ranks can go on with them.
  func exchange(_ group: any ProcessGroup) {
    gradients.sum(over: group)
    statistics.sum(over: group, times: 1 / Float(group.count))
  }
}
