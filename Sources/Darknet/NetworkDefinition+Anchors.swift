import Compute
package import Detection
import Networks

extension NetworkDefinition {
  /// The largest stride of the heads, pixels of the input: its size must be a multiple; 1 without heads.
  package var stride: Int {
    heads.map { inputShape.width / max(1, nodes[$0.layer].outputShape.width) }.max() ?? 1
  }

  /// Pixels of the network input per unit of the heads' `anchors=`: 1 for `[yolo]` and `[Gaussian_yolo]`, the width of a
  /// grid cell for `[region]`; 1 without heads.
  package var anchorUnit: Float {
    guard let first = heads.first, case .region = first.head else { return 1 }
    return Float(inputShape.width) / Float(nodes[first.layer].outputShape.width)
  }

  /// The anchors that the heads predict, in pixels of the network input, each once.
  package var anchors: [AnchorBox] {
    var anchors: [AnchorBox] = []
    for output in heads {
      switch output.head {
      case .yolo(let head): anchors += head.mask.map { head.anchors[$0] }
      case .gaussian(let head): anchors += head.boxes.mask.map { head.boxes.anchors[$0] }
      case .region(let head):
        anchors += head.anchors.map {
          AnchorBox(width: $0.width * anchorUnit, height: $0.height * anchorUnit)
        }
      }
    }
    return anchors.enumerated().filter { anchors.firstIndex(of: $0.element) == $0.offset }
      .map(\.element)
  }
}
