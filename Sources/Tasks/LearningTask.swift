package import Compute
package import Datasets
package import Geometry
package import Networks
import Uncertainty

/// What a network's outputs mean: a loss to train by, predictions, and scores to judge them by.
///
/// Training, benchmarks and comparisons know a network through its task alone.
package protocol LearningTask {
  /// What is to be found in an image.
  associatedtype Target: Placeable
  /// What the network says about an image.
  associatedtype Prediction: Transferable

  /// What the task is called, for example `detection`.
  static var name: String { get }
  /// What its scores measure, for example mAP.
  static var measure: ScoreMeasure { get }

  /// The task of a network, predicting as validation needs it.
  ///
  /// - Throws: ``TaskError`` if the network's outputs mean something else.
  init(_ network: Network) throws

  /// Reads samples of data sets.
  ///
  /// - Parameters:
  ///   - sets: The data sets.
  ///   - split: The split of sets that name none.
  ///   - classNames: The classes to find; nil collects those of the data.
  ///   - rules: How data sets are read.
  /// - Returns: What can be used.
  /// - Throws: `DataError`, also for data sets that hold other targets.
  static func read(
    _ sets: [RecognizedDataset], split: String, classNames: [String]?, rules: ReadingRules
  ) throws -> SampleSet<Target>

  /// The names of the parts of the loss, in order.
  var lossParts: [String] { get }
  /// Outputs that have a loss of their own, at least 1.
  var lossCount: Int { get }
  /// L: the classes that targets count.
  var classCount: Int { get }
  /// Whether predictions need the moments of Bayesian layers.
  var needsMoments: Bool { get }

  /// Why pictures cannot be mixed as they shall be in training; nil if they can.
  func problem(with mixing: PictureMixing) -> String?

  /// The loss of a batch; writes the gradients of the network's outputs.
  ///
  /// - Parameters:
  ///   - plan: A training plan after its forward pass.
  ///   - targets: What is to be found in each image, positions as fractions of the input.
  ///   - step: Where training is.
  /// - Returns: Sums over the images.
  /// - Throws: `UncertaintyError` for moments that are not finite; `ComputeError`.
  func loss(_ plan: NetworkPlan, targets: [Target.Shown], step: LossStep) throws -> LossValue

  /// What the network says about each image of a batch.
  ///
  /// - Parameters:
  ///   - plan: A plan after its forward pass, with moments if they are needed.
  ///   - placements: Where each image lies in its input.
  /// - Returns: One prediction an image, positions in pixels of the image.
  /// - Throws: An error for outputs that are not finite.
  func predictions(_ plan: NetworkPlan, placements: [ImagePlacement]) throws -> [Prediction]

  /// How good predictions are; the first score decides which weights are the best.
  ///
  /// - Parameters:
  ///   - judged: Images with targets and predictions.
  ///   - classNames: L names.
  /// - Returns: One value by each rule of ``measure``.
  /// - Throws: An error for predictions that cannot be judged.
  func scores(
    _ judged: [JudgedImage<Target, Prediction>], classNames: [String]
  ) throws -> Scores

  /// A target at random, for benchmarks: positions as fractions of the input.
  func randomTarget(_ random: inout RandomStream) -> Target.Shown
}

extension LearningTask {
  /// Any pictures can be mixed, unless the task says otherwise.
  package func problem(with mixing: PictureMixing) -> String? { nil }

  /// What a network says about samples.
  package typealias Judged = JudgedSamples<JudgedImage<Target, Prediction>>
}

/// An image with what is in it and what a network says about it.
package struct JudgedImage<Target, Prediction> {
  /// The sample's name.
  package let id: String
  /// The picture that it is in: several samples may show parts of one.
  package let picture: String
  /// What is in it; positions in pixels of the image.
  package let target: Target
  /// What the network says; likewise.
  package let prediction: Prediction

  /// An image with target and prediction; `picture` is the image itself unless told otherwise.
  package init(id: String, picture: String? = nil, target: Target, prediction: Prediction) {
    self.id = id
    self.picture = picture ?? id
    self.target = target
    self.prediction = prediction
  }
}

/// Where training is, and its random numbers.
package struct LossStep: Sendable {
  /// Weight updates done before this one.
  package var iteration: Int
  /// Whole passes over the training images done before this update.
  package var epoch: Int
  /// Iterations of burn-in of the run.
  package var burnIn: Int
  /// Images used by training so far, this batch included.
  package var seenImages: Int
  /// Draws of the loss.
  package var random: RandomStream

  /// A moment of training.
  package init(
    iteration: Int = 0, epoch: Int = 0, burnIn: Int = 0, seenImages: Int = 0,
    random: RandomStream = RandomStream(seed: 0)
  ) {
    self.iteration = iteration
    self.epoch = epoch
    self.burnIn = burnIn
    self.seenImages = seenImages
    self.random = random
  }
}

/// Why a network cannot do what is asked of it.
package enum TaskError: Error, Equatable, CustomStringConvertible {
  /// The network's outputs mean nothing that could be trained.
  case noTask(network: String)
  /// The command needs a network of another task.
  case otherTask(network: String, task: String, needed: String)
  /// A part of the network is made to be run alone.
  case untrainable(reason: String)

  /// One line.
  package var description: String {
    switch self {
    case .noTask(let network):
      "\(network) has no loss to train with: no [yolo], [region] or [heatmap], and no [softmax] or [logistic] over "
        + "classes at its end"
    case .otherTask(let network, let task, let needed):
      "\(network) is made for \(task); \(needed) is needed here"
    case .untrainable(let reason): reason
    }
  }
}

extension LearningTask {
  /// Whether a loss could not be computed because numbers of the network have become too large.
  package static func isDivergence(_ error: any Error) -> Bool {
    switch error {
    case UncertaintyError.notFinite, UncertaintyError.negativeVariance: true
    default: false
    }
  }
}
