package import Compute
import Layers
package import Networks

/// Which convolutions are faster in bytes than in floats.
///
/// Times of one image were measured with YOLOv3 and yolov3-tiny at 416 and MobileNets at 320, with kernels
/// of bytes and of floats of the same machine.
package enum LayerCost {
  /// Convolutions that cost alike.
  package enum Kind: String, Sendable {
    case pointwise = "1x1"
    /// In floats by Winograd's algorithm, with many tiles for the coefficients of the weights.
    case largeMap = "3x3/1 of a large map"
    /// With at most 32 tiles of 4 x 4.
    case smallMap = "3x3/1 of a small map"
    case depthwise = "depthwise"
    case other = "direct"
  }

  /// What a convolution is at its network's own input size; nil for other layers.
  package static func kind(of node: LayerNode) -> Kind? {
    guard let convolution = node.layer as? Convolution else { return nil }
    let geometry = convolution.geometry
    if geometry.groups > 1 { return .depthwise }
    if geometry.size == 1 { return .pointwise }
    let output = node.outputShape
    guard
      CPUBackend.winogradTile(geometry, channels: convolution.inputChannels, output: output) != nil
    else { return .other }
    return (output.height + 3) / 4 * ((output.width + 3) / 4) <= 32 ? .smallMap : .largeMap
  }

  /// Time in bytes / time in floats.
  package static func ratio(_ kind: Kind, _ kernels: ByteKernels) -> Double {
    let ratios: [Kind: Double] =
      switch kernels {
      case .avx512vnni:
        [.pointwise: 0.3, .largeMap: 0.6, .smallMap: 0.4, .depthwise: 0.9, .other: 0.3]
      case .avxvnni:
        [.pointwise: 0.3, .largeMap: 0.7, .smallMap: 0.45, .depthwise: 0.9, .other: 0.3]
      case .avx2:
        [.pointwise: 0.63, .largeMap: 1.5, .smallMap: 0.89, .depthwise: 0.9, .other: 0.58]
      case .generic:
        [.pointwise: 0.6, .largeMap: 1.5, .smallMap: 0.9, .depthwise: 0.9, .other: 0.6]
      }
    return ratios[kind] ?? 1
  }
}
