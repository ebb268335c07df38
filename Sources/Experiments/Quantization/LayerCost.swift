package import Compute
package import Layers

/// Which convolutions are faster in bytes than in floats.
///
/// Measured with the networks of `Models/`, one image at a time, conversions included; see the table in
/// `Models/README`.
package enum LayerCost {
  /// Convolutions that cost alike.
  package enum Kind: String, Sendable {
    case pointwise = "1x1"
    /// In floats by Winograd's algorithm.
    case winograd = "3x3/1"
    case depthwise = "depthwise"
    case other = "others"
  }

  /// What a convolution is.
  package static func kind(of convolution: Convolution) -> Kind {
    let geometry = convolution.geometry
    if geometry.groups > 1 { return .depthwise }
    if geometry.size == 1 { return .pointwise }
    let isWinograd =
      geometry.size == 3 && geometry.stride == 1 && geometry.dilation == 1
      && min(convolution.inputChannels, convolution.filters) >= 16
    return isWinograd ? .winograd : .other
  }

  /// Time in bytes / time in floats, by the kernels of bytes; floats with the kernels of the same machine.
  package static func ratio(_ kind: Kind, _ kernels: ByteKernels) -> Double {
    switch (kernels, kind) {
    case (.avx512vnni, .winograd): 0.5
    case (.avx512vnni, _): 0.3
    case (.avxvnni, .winograd): 0.5
    case (.avxvnni, _): 0.3
    case (.avx2, .winograd): 1.1
    case (.avx2, _): 0.6
    case (.generic, .winograd): 1.1
    case (.generic, _): 0.6
    }
  }
}
