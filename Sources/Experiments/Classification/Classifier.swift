package import Compute
import Darknet
package import Datasets
package import Evaluation
package import Images
import Networks
package import Tasks
package import Training

/// A classifier in use: how images are brought to it is one rule for every command.
package struct Classifier {
  package let model: TrainedModel
  package let input: InputSettings
  /// Names of the classes, numbers where nothing names them.
  package let classNames: [String]
  /// Whether one class excludes the others: probabilities add up to 1.
  package let isExclusive: Bool
  private let predictor: Predictor<ClassificationTask>

  /// Loads a classifier.
  ///
  /// - Throws: As `TrainedModel`; `TaskError` for a model that does something else.
  package init(_ choice: ModelChoice, backend: any Backend, _ console: Console) throws {
    model = try choice.load(backend, for: ClassificationTask.self)
    input = choice.input(of: model)
    let task = try ClassificationTask(model.network)
    isExclusive = model.network.classifier?.isExclusive ?? true
    if let names = model.classNames {
      classNames = names
    } else {
      console.say("note: no class names; give them with --names")
      classNames = (0..<task.classCount).map { "class\($0)" }
    }
    predictor = Predictor(network: model.network, task: task, input: input)
  }

  /// Makes sure that a temperature can change the probabilities.
  ///
  /// - Throws: ``UsageError`` for classes that do not exclude each other.
  func checkScales() throws {
    guard !isExclusive else { return }
    throw UsageError(
      "\(model.network.name) ends with [logistic], a probability of each class by itself; a "
        + "temperature is for the probabilities of [softmax]")
  }

  /// Says which weights there are and how images are brought to them.
  package var introduction: String {
    "model: \(model.origin); input \(input.width)x\(input.height), \(input.resizeText)"
  }

  /// What to know of its numbers; nil if they are the usual ones.
  var note: String? {
    isExclusive
      ? nil
      : "[logistic]: each class has a probability of its own; NLL, Brier and entropy are sums over the "
        + "classes, of which one is right"
  }

  /// What the network says about an image.
  package func prediction(of image: Image) throws -> ClassPrediction {
    try predictor.prediction(of: image)
  }

  /// What it says about every image of a data set, beside its class.
  ///
  /// - Parameters:
  ///   - samples: Images with their classes.
  ///   - batchSize: Images that are run at once.
  ///   - corruption: What is done to the images first; nil: nothing.
  ///   - seed: Chooses its noise.
  ///   - progress: Told how many images are done.
  /// - Returns: One entry per image that could be read.
  /// - Throws: `DataError` if there is none; what the network throws.
  package func classified(
    _ samples: [Sample<Int>], batchSize: Int, corruption: ImageCorruption? = nil,
    seed: UInt64 = 1, progress: (Int) throws -> Void = { _ in }
  ) throws -> JudgedSamples<ClassifiedImage> {
    try predictor.judged(
      samples, batchSize: batchSize, corruption: corruption, seed: seed, progress: progress
    ).map { ClassifiedImage($0) }
  }
}
