import Compute
import Detection
import Layers
import Networks

/// What the sections of a cfg say about outputs, before the whole network is known.
struct SectionOutputs {
  /// `[yolo]` and `[region]` sections.
  var heads: [DetectionOutput] = []
  /// What `[softmax]` and `[logistic]` sections say about training, by layer.
  var classifiers: [Int: ClassifierTraining] = [:]
  /// `[heatmap]` sections.
  var heatmaps: [HeatmapOutput] = []
  /// ε of a classifier's targets.
  var labelSmoothing: Float = 0

  /// The layers whose output a branch stands beside, or that it trains, with the branch.
  var branches: [UncertaintyBranch] {
    heads.compactMap(\.objectness.branch)
      + classifiers.sorted { $0.key < $1.key }.compactMap(\.value.branch)
      + heatmaps.compactMap(\.training.branch)
  }

  /// The classifier that the network is; nil if the last layer is no softmax or logistic over the
  /// channels of one cell, or if there are heads.
  func classifier(_ nodes: [LayerNode]) -> ClassifierOutput? {
    guard let last = nodes.last, last.inputs[0] >= 0, last.outputShape.rows == 1, heads.isEmpty,
      heatmaps.isEmpty
    else { return nil }
    let isExclusive = last.layer is Softmax
    guard isExclusive ? (last.layer as? Softmax)?.groups == 1 : last.layer is Logistic else {
      return nil
    }
    return ClassifierOutput(
      logits: last.inputs[0], probabilities: nodes.count - 1,
      classCount: last.outputShape.channels, isExclusive: isExclusive,
      training: classifiers[nodes.count - 1] ?? ClassifierTraining(),
      labelSmoothing: labelSmoothing)
  }

  /// The network's outputs: heads, or maps, or a classifier's logits and probabilities, or else the last
  /// layer; and where a branch has a loss of its own, the branch.
  func outputs(_ nodes: [LayerNode]) -> [Output] {
    var outputs: [Output] = []
    if let classifier = classifier(nodes) {
      outputs = [
        Output(node: classifier.logits, isTrained: true),
        Output(node: classifier.probabilities, isTrained: false, meaning: classifier),
      ]
    } else if !heatmaps.isEmpty {
      outputs = heatmaps.map { Output(node: $0.layer, isTrained: true, meaning: $0) }
    } else if heads.isEmpty {
      outputs = [Output(node: nodes.count - 1, isTrained: true)]
    } else {
      outputs = heads.map { Output(node: $0.layer, isTrained: true, meaning: $0) }
    }
    let branches = branches.filter { $0.mode != .series }
    outputs += branches.map { Output(node: $0.layer, isTrained: true) }
    outputs += heads.flatMap(\.placeLayers).map { Output(node: $0.layer, isTrained: true) }
    // What is read beside the layers that read it must not lose its memory to others.
    let features = Set(heads.compactMap { $0.features(nodes) }.filter { $0 >= 0 })
    outputs += features.subtracting(outputs.map(\.node)).map { Output(node: $0, isTrained: false) }
    return outputs.sorted { $0.node < $1.node }
  }
}

extension [Output] {
  /// The detection heads, in layer order.
  package var heads: [DetectionOutput] { compactMap { $0.meaning as? DetectionOutput } }
  /// Where images are classified; nil if the network does not.
  package var classifier: ClassifierOutput? {
    lazy.compactMap { $0.meaning as? ClassifierOutput }.first
  }
  /// The maps of keypoints, in layer order: the last one predicts.
  package var heatmaps: [HeatmapOutput] { compactMap { $0.meaning as? HeatmapOutput } }
  /// How many classes each head, or the classifier, tells apart, or how many keypoints there are.
  package var classCounts: [Int] {
    heads.map(\.head.classCount) + [classifier?.classCount].compactMap { $0 }
      + heatmaps.map(\.layout.count)
  }
  /// The Bayesian branches beside outputs.
  package var branches: [UncertaintyBranch] {
    heads.compactMap(\.objectness.branch) + [classifier?.branch].compactMap { $0 }
      + heatmaps.compactMap(\.training.branch)
  }
  /// The layers of branches that say how well boxes are placed, and whether they leave the detector alone.
  var placeLayers: [(layer: Int, isDetached: Bool)] { heads.flatMap(\.placeLayers) }
}

extension Network {
  /// The detection heads, in layer order.
  package var heads: [DetectionOutput] { outputs.heads }
  /// Where images are classified; nil if the network does not.
  package var classifier: ClassifierOutput? { outputs.classifier }
  /// The maps of keypoints, in layer order.
  package var heatmaps: [HeatmapOutput] { outputs.heatmaps }
  /// Whether an output has a Bayesian branch.
  package var isBayesian: Bool { !outputs.branches.isEmpty }
  /// Whether a head has a branch for the expected IoU, or for the variance, of its boxes.
  package var knowsPlace: Bool { !outputs.placeLayers.isEmpty }
  /// Whether a head has a branch for the variance of its boxes.
  package var variesBoxes: Bool { outputs.heads.contains { $0.boxVariance != nil } }
  /// Whether a head has a branch for the expected IoU of its boxes.
  package var expectsOverlaps: Bool { outputs.heads.contains { $0.expectedIoU != nil } }
  /// Whether every branch takes the place of its head's objectness, so that a weights file has all
  /// that it needs; false without branches.
  package var weightsFilesHoldBranches: Bool {
    isBayesian && outputs.branches.allSatisfy { $0.mode == .replace }
  }
}
