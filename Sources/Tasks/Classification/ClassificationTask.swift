package import Compute
import Darknet
package import Datasets
package import Evaluation
package import Geometry
import Layers
package import Networks
import Uncertainty

/// What a classifier says about an image.
package struct ClassPrediction: Sendable, Equatable {
  /// The probability of each class.
  package let probabilities: [Float]
  /// Whether one class excludes the others, so that they add up to 1.
  package let isExclusive: Bool
  /// The mutual information of class and weights in bits; nil without a Bayesian branch.
  package let mutualInformation: Float?

  /// A prediction.
  package init(
    probabilities: [Float], isExclusive: Bool = true, mutualInformation: Float? = nil
  ) {
    self.probabilities = probabilities
    self.isExclusive = isExclusive
    self.mutualInformation = mutualInformation
  }
}

extension ClassifiedImage {
  /// An image as evaluation takes it; its uncertainty, if the network says one, is the mutual
  /// information.
  package init(_ prediction: ClassPrediction, label: Int) {
    self.init(
      probabilities: prediction.probabilities, label: label,
      uncertainties: prediction.mutualInformation.map { [Double($0)] } ?? [],
      isExclusive: prediction.isExclusive)
  }

  /// The same of an image that was judged.
  package init(_ judged: JudgedImage<Int, ClassPrediction>) {
    self.init(judged.prediction, label: judged.target)
  }
}

/// A class for each image: the task of networks that end with a `[softmax]` over all classes, or with a
/// `[logistic]`, which gives each class a probability of its own; the image's class is the only one that
/// is right, and the answer is the most probable one.
///
/// The loss is that of `[softmax]`, cross-entropy unless it says otherwise, on the logits, its input:
/// value and gradient come from stable forms, never from a logarithm of the softmax's output. A Bayesian
/// branch beside them has cross-entropy of its own, times its weight.
package struct ClassificationTask: LearningTask {
  /// Of `classification`.
  package static let name = "classification"
  /// The share of images whose class is the most probable one, or one of the five.
  package static let measure = ScoreMeasure(
    name: "accuracy", key: "Accuracy", rules: ["top1", "top5"])

  let output: ClassifierOutput
  let layers: [ConvBayes]
  /// What weighs images; nil where nothing does.
  let uncertainty: ClassUncertainty?
  private let information: MutualInformation?

  /// The task of a network that ends with `[softmax]` or `[logistic]`.
  package init(_ network: Network) throws {
    guard let output = network.classifier else {
      throw TaskError.noTask(network: network.name)
    }
    self.output = output
    let nodes = network.nodes
    layers = (output.branch.map { BranchStructure.chain(endingAt: $0.layer, nodes) } ?? [])
      .compactMap { nodes[$0].layer as? ConvBayes }
    information =
      output.branch == nil || output.classCount < 2
      ? nil : MutualInformation(classCount: output.classCount)
    let training = output.training
    uncertainty =
      training.isWeighted
      ? ClassUncertainty(
        training.measure, classCount: output.classCount, bald: training.difficulty.bald) : nil
  }

  /// Labels of any format that has them.
  package static func read(
    _ sets: [RecognizedDataset], split: String, classNames: [String]?, rules: ReadingRules
  ) throws -> SampleSet<Int> {
    try sets.labels(split: split, classNames: classNames, rules: rules)
  }

  /// The loss of the classes, and that of the branch.
  package var lossParts: [String] { ["class"] + (output.branch == nil ? [] : ["auxiliary"]) }
  /// One.
  package var lossCount: Int { 1 }
  /// L.
  package var classCount: Int { output.classCount }
  /// Where there is a branch.
  package var needsMoments: Bool { information != nil }

  /// Probabilities, and what the branch says.
  package func predictions(
    _ plan: NetworkPlan, placements: [ImagePlacement]
  ) throws -> [ClassPrediction] {
    let probabilities = plan.output(of: output.probabilities).values
    let moments = output.branch.flatMap { plan.moments(of: $0.layer) }
    let (means, variances) = (moments?.mean.values, moments?.variance.values)
    return try placements.indices.map { image in
      let classes = image * classCount..<(image + 1) * classCount
      if let bad = probabilities[classes].firstIndex(where: { !$0.isFinite }) {
        throw UncertaintyError.notFinite(
          argument: "probability", index: bad - classes.lowerBound)
      }
      var bits: Float?
      if let information, let means, let variances {
        bits = try information.bits(means: means[classes], variances: variances[classes])
      }
      return ClassPrediction(
        probabilities: Array(probabilities[classes]), isExclusive: output.isExclusive,
        mutualInformation: bits)
    }
  }

  /// Top-1 and, of more than five classes, top-5 accuracy.
  package func scores(
    _ judged: [JudgedImage<Int, ClassPrediction>], classNames: [String]
  ) throws -> Scores {
    let ranks = judged.map { ClassifiedImage($0).rank }
    func share(within count: Int) -> Double? {
      guard !ranks.isEmpty, count < classCount else { return nil }
      return Double(ranks.count { $0 < count }) / Double(ranks.count)
    }
    return Scores(Self.measure, values: [share(within: 1), share(within: 5)])
  }

  /// A class.
  package func randomTarget(_ random: inout RandomStream) -> ClassShares {
    ClassShares(random.integer(in: 0...classCount - 1))
  }
}
