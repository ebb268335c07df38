import Compute
import Darknet
import Detection
import Geometry
import Losses
import Tasks
import Training

/// What a benchmark's training steps minimise: the loss of the network's heads or of its classes
/// against random truths.
enum BenchmarkObjective {
  case detection(HeadLoss, truths: [[GroundTruth]])
  case classification(ClassificationLoss, labels: [Int])

  /// Draws truths for whatever the network ends in.
  ///
  /// - Throws: ``TrainingError/options(reason:)`` if it ends in nothing that has a loss.
  init(_ network: Network, input: Shape, random: inout RandomStream) throws {
    if let head = network.heads.first?.head {
      self = .detection(
        HeadLoss(network: network, inputWidth: input.width, inputHeight: input.height),
        truths: (0..<input.batch).map { _ in
          Self.truths(classCount: head.classCount, random: &random)
        })
    } else if let classifier = network.classifier {
      self = .classification(
        ClassificationLoss(classifier),
        labels: (0..<input.batch).map { _ in random.integer(in: 0...classifier.classCount - 1) })
    } else {
      throw TrainingError.options(
        reason: "\(network.definition.file.fileName) has no loss to train with: no [yolo] or "
          + "[region], and no [softmax] over classes at its end")
    }
  }

  /// The loss of a batch, mean over its images; writes the gradients that backward starts from.
  ///
  /// - Throws: ``UncertaintyError`` for moments that are not finite; ``ComputeError``.
  func evaluate(_ plan: NetworkPlan, backend: any Backend) throws -> Double {
    let sum =
      switch self {
      case .detection(let loss, let truths):
        try loss.evaluate(
          plan, truths: truths, step: .init(iteration: 1 << 20, seenImages: 1 << 20),
          backend: backend
        ).reduce(0) { $0 + $1.total }
      case .classification(let loss, let labels): loss.evaluate(plan, labels: labels).loss
      }
    return sum / Double(plan.input.shape.batch)
  }

  /// One to six boxes of an image.
  private static func truths(classCount: Int, random: inout RandomStream) -> [GroundTruth] {
    (0..<random.integer(in: 1...6)).map { _ in
      let width = random.uniform(0.05...0.5)
      let height = random.uniform(0.05...0.5)
      return GroundTruth(
        box: Box(
          centerX: random.uniform(width / 2...1 - width / 2),
          centerY: random.uniform(height / 2...1 - height / 2), width: width, height: height),
        classIndex: random.integer(in: 0...classCount - 1))
    }
  }
}
