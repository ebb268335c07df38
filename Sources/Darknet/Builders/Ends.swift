import Compute
import Detection
import Layers
import Losses
import Networks

// Layers at the ends of a network, and dropout.
extension NetworkBuilder {
  static func dropout(_ context: LayerContext) throws -> LayerParts {
    let probability = try context.section.number("probability", default: 0.5, in: 0...1)
    return LayerParts(layer: try Dropout(probability: probability), inputs: [context.previous])
  }

  static func softmax(_ context: LayerContext) throws -> LayerParts {
    let groups = try context.section.integer("groups", default: 1, in: 1...1_000_000)
    return LayerParts(
      layer: try Softmax(groups: groups), inputs: [context.previous],
      classifier: try ClassifierReader(context).training())
  }

  /// A classifier whose classes do not exclude each other, trained with binary cross-entropy.
  static func logistic(_ context: LayerContext) throws -> LayerParts {
    var training = ClassifierTraining()
    training.loss = .binaryCrossEntropy
    return LayerParts(layer: Logistic(), inputs: [context.previous], classifier: training)
  }

  static func crop(_ context: LayerContext) throws -> LayerParts {
    let section = context.section
    guard context.previous < 0 else {
      throw section.error("[crop] cuts the network's input and can be the first layer only")
    }
    let sizes = 1...16384
    return LayerParts(
      layer: try Crop(
        width: section.integer("crop_width", default: 1, in: sizes),
        height: section.integer("crop_height", default: 1, in: sizes),
        channels: context.input.channels, flips: section.flag("flip", default: false),
        keepsValues: section.flag("noadjust", default: false), on: context.memory),
      inputs: [context.previous])
  }

  /// `[yolo]`, `[Gaussian_yolo]` and `[region]`: the layer before must have the channels that the head reads.
  static func head(_ context: LayerContext) throws -> LayerParts {
    let section = context.section
    let head = try HeadReader(section).head()
    let channels = context.input.channels
    guard channels == head.channelCount else {
      let sum = ["yolo": "5", "Gaussian_yolo": "9"][section.name] ?? "coords + 1"
      throw section.error(
        "[\(section.name)] needs \(head.channelCount) channels, \(head.anchorCount) anchors x "
          + "(\(head.classCount) classes + \(sum)), and the layer before it gives \(channels); "
          + remedy(context, head.channelCount))
    }
    var (objectness, terms) = (ObjectnessTraining(), YOLOTerms())
    var expectedIoU: ExpectedIoUBranch?
    var boxVariance: BoxVarianceBranch?
    if section.name == "yolo" {
      try checkActivation(context)
      objectness = try ObjectnessReader(context, anchorCount: head.anchorCount).training()
      let reader = PlaceReader(context, anchorCount: head.anchorCount)
      (expectedIoU, boxVariance) = (try reader.expectedIoU(), try reader.boxVariance())
      terms = try HeadReader(section).terms(classCount: head.classCount)
    }
    return LayerParts(
      layer: HeadLayer(kind: section.name), inputs: [context.previous],
      head: DetectionOutput(
        layer: context.index, head: head, objectness: objectness, expectedIoU: expectedIoU,
        boxVariance: boxVariance,
        terms: terms))
  }

  /// One map for each channel of the layer before.
  static func heatmap(_ context: LayerContext) throws -> LayerParts {
    LayerParts(
      layer: HeadLayer(kind: "heatmap"), inputs: [context.previous],
      heatmap: try HeatmapReader(context).output())
  }

  /// A head with `new_coords=1` takes over the logistic function of the convolution before it.
  private static func checkActivation(_ context: LayerContext) throws(DarknetError) {
    let section = context.section
    guard try HeadReader(section).readsProbabilities(),
      try !HeadReader.takesActivation(of: context.before, section)
    else { return }
    throw section.error(
      "new_coords=1 in [yolo] needs a [convolutional] with activation=logistic before it",
      line: section["new_coords"]?.line)
  }

  /// Another reader of that convolution would miss the function.
  static func checkReaders(
    _ nodes: [LayerNode], _ heads: [DetectionOutput], _ file: ConfigurationFile
  ) throws(DarknetError) {
    for case (let layer, .yolo(let head)) in heads.map({ ($0.layer, $0.head) })
    where head.sizeCode == .squared {
      let convolution = nodes[layer].inputs[0]
      guard
        let reader = nodes.indices.first(where: {
          $0 != layer && nodes[$0].inputs.contains(convolution)
        })
      else { continue }
      throw file.sections[0].error(
        "[\(nodes[reader].layer.kind)] reads layer \(convolution), whose activation=logistic is that "
          + "of the [yolo] with new_coords=1 at line \(nodes[layer].line); let it read another layer",
        line: nodes[reader].line)
    }
  }

  private static func remedy(_ context: LayerContext, _ channels: Int) -> String {
    guard let node = context.nodes.last, node.layer.kind == "convolutional" else {
      return "put a [convolutional] with filters=\(channels) before it"
    }
    return "set filters=\(channels) in [convolutional] at line \(node.line)"
  }
}
