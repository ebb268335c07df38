/// The size of a tensor, NHWC: batch, height, width, channels (innermost).
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  /// N, images.
  public var batch: Int
  /// H, pixels.
  public var height: Int
  /// W, pixels.
  public var width: Int
  /// C, values of a pixel.
  public var channels: Int

  /// A shape of N images of H by W pixels with C channels.
  public init(batch: Int = 1, height: Int = 1, width: Int = 1, channels: Int) {
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// N·H·W: the number of pixels of all images.
  public var rows: Int { batch * height * width }
  /// H·W·C: the number of values of one image.
  public var countPerImage: Int { height * width * channels }
  /// N·H·W·C: the number of values.
  public var count: Int { batch * countPerImage }

  /// For example `8x13x13x512`.
  public var description: String { "\(batch)x\(height)x\(width)x\(channels)" }
}
