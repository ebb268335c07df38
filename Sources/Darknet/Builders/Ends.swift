import Compute
import Detection
import Layers
import Networks

// Layers at the end of a network, and dropout.
extension NetworkBuilder {
  static func dropout(_ context: LayerContext) throws -> LayerParts {
    let probability = try context.section.number("probability", default: 0.5, in: 0...1)
    return LayerParts(layer: try Dropout(probability: probability), inputs: [context.previous])
  }

  static func softmax(_ context: LayerContext) throws -> LayerParts {
    let groups = try context.section.integer("groups", default: 1, in: 1...1_000_000)
    return LayerParts(
      layer: try Softmax(groups: groups), inputs: [context.previous],
      softmaxBranch: try BranchReader(context).classifierBranch())
  }

  /// `[yolo]` and `[region]`: the layer before must have the channels that the head reads.
  static func head(_ context: LayerContext) throws -> LayerParts {
    let section = context.section
    let head = try HeadReader(section).head()
    let channels = context.input.channels
    guard channels == head.channelCount else {
      let sum = section.name == "yolo" ? "5" : "coords + 1"
      throw section.error(
        "[\(section.name)] needs \(head.channelCount) channels, \(head.anchorCount) anchors x "
          + "(\(head.classCount) classes + \(sum)), and the layer before it gives \(channels); "
          + remedy(context, head.channelCount))
    }
    let objectness =
      section.name == "yolo"
      ? try ObjectnessReader(context, anchorCount: head.anchorCount).training()
      : ObjectnessTraining()
    return LayerParts(
      layer: HeadLayer(kind: section.name), inputs: [context.previous],
      head: DetectionOutput(layer: context.index, head: head, objectness: objectness))
  }

  private static func remedy(_ context: LayerContext, _ channels: Int) -> String {
    guard let node = context.nodes.last, node.layer.kind == "convolutional" else {
      return "put a [convolutional] with filters=\(channels) before it"
    }
    return "set filters=\(channels) in [convolutional] at line \(node.line)"
  }
}
