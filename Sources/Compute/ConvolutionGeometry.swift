/// Kernel size, stride, zero padding, groups and dilation of a convolution.
package struct ConvolutionGeometry: Hashable, Sendable {
  /// R = S: the side of the kernel.
  package var size: Int
  /// Step between outputs, pixels.
  package var stride: Int
  /// Zeros added on each side, pixels.
  package var padding: Int
  /// Channels are cut into this many independent convolutions.
  package var groups: Int
  /// Distance of the kernel's taps, pixels.
  package var dilation: Int

  /// A square convolution.
  package init(size: Int, stride: Int = 1, padding: Int = 0, groups: Int = 1, dilation: Int = 1) {
    self.size = size
    self.stride = stride
    self.padding = padding
    self.groups = groups
    self.dilation = dilation
  }

  /// Pixels from one end of the kernel to the other, (size − 1) · dilation + 1.
  package var extent: Int { (size - 1) * dilation + 1 }

  /// The output shape, (side + 2 · padding − extent) / stride + 1; nil if the kernel does not fit.
  package func outputShape(of input: Shape, filters: Int) -> Shape? {
    let height = input.height + 2 * padding - extent
    let width = input.width + 2 * padding - extent
    guard height >= 0, width >= 0 else { return nil }
    return Shape(
      batch: input.batch, height: height / stride + 1, width: width / stride + 1, channels: filters)
  }

  /// Whether patches are the input's own rows: 1×1, stride 1, no padding.
  var isPointwise: Bool { size == 1 && stride == 1 && padding == 0 }
}
