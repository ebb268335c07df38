package import Compute

/// A loss that a classifier can be trained by.
package enum ClassifierLoss: Sendable, Hashable {
  /// ``CrossEntropy``.
  case crossEntropy
  /// ``BinaryCrossEntropy``.
  case binaryCrossEntropy
  /// ``OnlineHardExampleMining``.
  case hardExamples(OnlineHardExampleMining = OnlineHardExampleMining())
  /// ``FocalLoss``.
  case focal(FocalLoss = FocalLoss())
  /// ``AnchorLoss``.
  case anchor(AnchorLoss = AnchorLoss())

  /// Whether targets may be shared by several classes: label smoothing, mixed pictures.
  ///
  /// Focal and anchor loss ask for one right class.
  package var takesSharedTargets: Bool {
    switch self {
    case .crossEntropy, .binaryCrossEntropy, .hardExamples: true
    case .focal, .anchor: false
    }
  }

  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, 1, 1, L].
  ///   - labels: N class indices, 0 ..< L; the most of an image that has several.
  ///   - mixtures: As of ``CrossEntropy``; of ``takesSharedTargets`` losses only.
  ///   - smoothing: ε, 0...1; likewise.
  ///   - gradient: As `logits`.
  /// - Returns: Sums over the batch.
  package func evaluate(
    logits: Tensor, labels: [Int], mixtures: [[(label: Int, share: Float)]] = [],
    smoothing: Float = 0, gradient: Tensor
  ) -> ClassificationLossValue {
    precondition(
      takesSharedTargets || (smoothing == 0 && mixtures.allSatisfy(\.isEmpty)),
      "targets of several classes")
    return switch self {
    case .crossEntropy:
      CrossEntropy.evaluate(
        logits: logits, labels: labels, mixtures: mixtures, smoothing: smoothing,
        gradient: gradient)
    case .binaryCrossEntropy:
      BinaryCrossEntropy.evaluate(
        logits: logits, labels: labels, mixtures: mixtures, smoothing: smoothing,
        gradient: gradient)
    case .hardExamples(let loss):
      loss.evaluate(
        logits: logits, labels: labels, mixtures: mixtures, smoothing: smoothing,
        gradient: gradient)
    case .focal(let loss): loss.evaluate(logits: logits, labels: labels, gradient: gradient)
    case .anchor(let loss): loss.evaluate(logits: logits, labels: labels, gradient: gradient)
    }
  }
}
