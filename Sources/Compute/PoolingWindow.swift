/// The windows of a pooling layer, Darknet's rule.
package struct PoolingWindow: Hashable, Sendable {
  /// Pixels of a window from top to bottom.
  package var height: Int
  /// Pixels of a window from left to right.
  package var width: Int
  /// Step down from window to window.
  package var strideY: Int
  /// Step to the right from window to window.
  package var strideX: Int
  /// Total padding of both sides; half of it (rounded down) lies before the first pixel.
  package var padding: Int

  /// Windows of any shape.
  package init(height: Int, width: Int, strideY: Int = 1, strideX: Int = 1, padding: Int = 0) {
    self.height = height
    self.width = width
    self.strideY = strideY
    self.strideX = strideX
    self.padding = padding
  }

  /// Square windows; Darknet's default padding is size − 1.
  package init(size: Int, stride: Int, padding: Int? = nil) {
    self.init(
      height: size, width: size, strideY: stride, strideX: stride, padding: padding ?? size - 1)
  }

  /// The output shape, (side + padding − size) / stride + 1; nil if the window does not fit.
  package func outputShape(of input: Shape) -> Shape? {
    let down = input.height + padding - height
    let across = input.width + padding - width
    guard down >= 0, across >= 0 else { return nil }
    return Shape(
      batch: input.batch, height: down / strideY + 1, width: across / strideX + 1,
      channels: input.channels)
  }
}
