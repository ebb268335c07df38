/// The size of a tensor, NHWC: batch, height, width, channels (innermost).
package struct Shape: Hashable, Sendable, CustomStringConvertible {
  /// N, images.
  package var batch: Int
  /// H, pixels.
  package var height: Int
  /// W, pixels.
  package var width: Int
  /// C, values of a pixel.
  package var channels: Int

  /// A shape of N images of H by W pixels with C channels.
  package init(batch: Int = 1, height: Int = 1, width: Int = 1, channels: Int) {
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// N·H·W: the number of pixels of all images.
  package var rows: Int { batch * height * width }
  /// H·W·C: the number of values of one image.
  package var countPerImage: Int { height * width * channels }
  /// N·H·W·C: the number of values.
  package var count: Int { batch * countPerImage }

  /// For example `8x13x13x512`.
  package var description: String { "\(batch)x\(height)x\(width)x\(channels)" }
}
