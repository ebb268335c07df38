package import Compute
package import Detection
import Layers
package import Losses
package import Networks

/// A `[yolo]`, `[Gaussian_yolo]` or `[region]` section: logits that are read as boxes.
package struct DetectionOutput: OutputMeaning {
  /// The layer.
  package let layer: Int
  /// Anchors and classes.
  package let head: DetectionHead
  /// How objectness is trained; `[region]` heads have their own way.
  package let objectness: ObjectnessTraining
  /// The branch that says how well boxes are placed; nil: none.
  package let expectedIoU: ExpectedIoUBranch?
  /// The branch that says how far the edges of boxes may be off; nil: none.
  package let boxVariance: BoxVarianceBranch?
  /// How boxes and classes are trained; `[region]` heads have their own way.
  package let terms: YOLOTerms

  /// A size must be a multiple of the head's stride.
  package func problem(withInput input: Shape, own: Shape, output: Shape) -> String? {
    for (name, size, own, cells) in [
      ("width", input.width, own.width, output.width),
      ("height", input.height, own.height, output.height),
    ] where own % cells == 0 && size % (own / cells) != 0 {
      let stride = own / cells
      return "an input \(name) of \(size) is not a multiple of \(stride), the stride of "
        + "[\(head.section)]; \(max(1, (size + stride / 2) / stride) * stride) is"
    }
    return nil
  }
}

extension DetectionHead {
  /// The name of its section.
  var section: String {
    switch self {
    case .yolo: "yolo"
    case .region: "region"
    case .gaussian: "Gaussian_yolo"
    }
  }

  /// The same head for another number of classes.
  func with(classCount: Int) -> DetectionHead {
    switch self {
    case .yolo(var head):
      head.classCount = classCount
      return .yolo(head)
    case .region(var head):
      head.classCount = classCount
      return .region(head)
    case .gaussian(var head):
      head.boxes.classCount = classCount
      return .gaussian(head)
    }
  }
}

extension DetectionOutput {
  /// The layer whose values the head's convolution reads, if the difficulty is made of them; below 0 the input.
  package func features(_ nodes: [LayerNode]) -> Int? {
    guard objectness.measure == .detection else { return nil }
    var source = nodes[nodes[layer].inputs[0]].inputs[0]
    while source >= 0, nodes[source].isAlias(in: .training) { source = nodes[source].inputs[0] }
    return source
  }

  /// The layers of its branches that say how well boxes are placed, and whether they leave the detector alone.
  var placeLayers: [(layer: Int, isDetached: Bool)] {
    [
      expectedIoU.map { ($0.layer, $0.mode == .accompanyDetached) },
      boxVariance.map { ($0.layer, $0.mode == .accompanyDetached) },
    ].compactMap(\.self)
  }
}
