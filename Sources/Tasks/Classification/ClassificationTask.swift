package import Compute
import Darknet
package import Datasets
package import Evaluation
package import Geometry
import Layers
import Losses
package import Networks
import Uncertainty

/// What a classifier says about an image.
package struct ClassPrediction: Sendable, Equatable {
  /// The probability of each class.
  package let probabilities: [Float]
  /// The mutual information of class and weights in bits; nil without a Bayesian branch.
  package let mutualInformation: Float?

  /// A prediction.
  package init(probabilities: [Float], mutualInformation: Float? = nil) {
    self.probabilities = probabilities
    self.mutualInformation = mutualInformation
  }
}

extension ClassifiedImage {
  /// An image as evaluation takes it; its uncertainty, if the network says one, is the mutual
  /// information.
  package init(_ judged: JudgedImage<Int, ClassPrediction>) {
    self.init(
      probabilities: judged.prediction.probabilities, label: judged.target,
      uncertainties: judged.prediction.mutualInformation.map { [Double($0)] } ?? [])
  }
}

/// A class for each image: the task of networks that end with a `[softmax]` over all classes.
///
/// The loss is cross-entropy on the logits, the input of `[softmax]`: value and gradient come from the
/// stable form, never from a logarithm of the softmax's output. A Bayesian branch beside them has the
/// same loss of its own, times its weight.
package struct ClassificationTask: LearningTask {
  /// Of `classification`.
  package static let name = "classification"
  /// The share of images whose class is the most probable one, or one of the five.
  package static let measure = ScoreMeasure(
    name: "accuracy", key: "Accuracy", rules: ["top1", "top5"])

  private let output: ClassifierOutput
  private let layers: [ConvBayes]
  private let information: MutualInformation?

  /// The task of a network that ends with `[softmax]`.
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
  }

  /// Labels of any format that has them.
  package static func read(
    _ sets: [RecognizedDataset], split: String, classNames: [String]?, rules: ReadingRules
  ) throws -> SampleSet<Int> {
    try sets.labels(split: split, classNames: classNames, rules: rules)
  }

  /// Cross-entropy, and that of the branch.
  package var lossParts: [String] { ["class"] + (output.branch == nil ? [] : ["auxiliary"]) }
  /// One.
  package var lossCount: Int { 1 }
  /// L.
  package var classCount: Int { output.classCount }
  /// Where there is a branch.
  package var needsMoments: Bool { information != nil }

  /// Cross-entropy, summed over the images; where pictures are mixed, with the shares of their classes.
  package func loss(
    _ plan: NetworkPlan, targets: [ClassShares], step: LossStep
  ) throws -> LossValue {
    var values = [crossEntropy(plan, of: output.logits, targets)]
    if let branch = output.branch {
      let own = crossEntropy(plan, of: branch.layer, targets)
      if branch.weight != 1, let gradient = plan.gradient(of: branch.layer) {
        gradient.withMutableHostValues { for i in $0.indices { $0[i] *= branch.weight } }
      }
      values.append(
        Double(branch.weight) * own
          + Double(targets.count) * layers.reduce(0) { $0 + $1.weightedDivergence })
    }
    return LossValue(parts: lossParts, outputs: [values])
  }

  private func crossEntropy(
    _ plan: NetworkPlan, of layer: Int, _ targets: [ClassShares]
  ) -> Double {
    guard let gradient = plan.gradient(of: layer) else {
      preconditionFailure("logits without a gradient in a training plan")
    }
    return CrossEntropy.evaluate(
      logits: plan.output(of: layer), labels: targets.map(\.label),
      mixtures: targets.map { target in
        target.isPlain ? [] : target.shares.map { (label: $0.label, share: $0.share) }
      },
      smoothing: output.labelSmoothing, gradient: gradient
    ).loss
  }

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
        probabilities: Array(probabilities[classes]), mutualInformation: bits)
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
