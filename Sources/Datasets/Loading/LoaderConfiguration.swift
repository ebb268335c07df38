package import Geometry
package import Images

/// How pictures are ordered and prepared.
package struct LoaderConfiguration: Sendable {
  /// Pictures of a batch, N.
  package var batchSize: Int
  /// Channels of the input, C: 3 for colours, 1 for grey.
  package var channels = 3
  /// What is done to them.
  package var augmentation: Augmentation
  /// What is done to the decoded pictures before all else, with noise by seed and sample; nil: nothing.
  package var corruption: ImageCorruption?
  /// Whether pictures are then mirrored left to right, for evaluation: targets stay as they are.
  package var mirrors = false
  /// Whether every epoch has an order of its own; otherwise that of the samples.
  package var shuffles = true
  /// Whether the sequence goes on after the first epoch; otherwise the last batch may be smaller.
  package var repeats = true
  /// What becomes of pictures that cannot be read; ``BatchLoader/problems`` lists them.
  package var unreadable = UnreadableRule.replace
  /// Chooses orders and variations.
  package var seed: UInt64 = 1
  /// The places of every batch whose pictures are loaded here, others elsewhere; nil: all of them.
  package var share: Range<Int>?
  /// Pictures prepared ahead; nil: those of two batches.
  package var prefetchCount: Int?
  /// Bytes of decoded pictures that are kept, so that small sets are decoded once.
  package var cacheBytes = 512 << 20
  /// The share of the available memory that decoded pictures may take where it is known.
  package static let cacheShare = 0.25

  /// For training: shuffled, endless.
  package init(batchSize: Int, augmentation: Augmentation) {
    self.batchSize = batchSize
    self.augmentation = augmentation
  }

  /// For evaluation: every sample once, in order, as it is; unreadable pictures are left out.
  package static func evaluation(
    batchSize: Int, resize: ResizeMode, fill: Float = 0
  ) -> LoaderConfiguration {
    var configuration = LoaderConfiguration(
      batchSize: batchSize, augmentation: .none(resize, fill: fill))
    configuration.shuffles = false
    configuration.repeats = false
    // No picture comes twice.
    configuration.cacheBytes = 0
    configuration.unreadable = .leaveOut
    return configuration
  }
}

/// What becomes of a picture that cannot be read.
package enum UnreadableRule: Sendable {
  /// The next one of the order takes its place: batches stay full.
  case replace
  /// It is missing: batches may be smaller.
  case leaveOut
}

/// A place in the sequence; a loader started there continues it exactly.
package struct LoaderState: Hashable, Sendable, Codable {
  /// Completed epochs.
  package var epoch: Int
  /// Pictures of this epoch that have been handed out.
  package var position: Int

  /// The beginning, unless told otherwise.
  package init(epoch: Int = 0, position: Int = 0) {
    self.epoch = epoch
    self.position = position
  }
}
