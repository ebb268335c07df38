import Compute
import Geometry
import Images

/// Blur and noise of training pictures, drawn for each picture as in AlexeyAB's Darknet.
package struct PixelDisturbance: Hashable, Sendable, Codable {
  /// Pixels of the kernel that blurs a third of the pictures; 0: none.
  ///
  /// It is at most an eighth of the smallest object. Of another third, with 1 of both, the background
  /// alone is blurred by ``backgroundKernel``.
  package var blur: Int
  /// Standard deviation of the Gaussian noise on half of the pictures, in 255ths of white; 0: none.
  package var noise: Float

  static let backgroundKernel = 17

  /// Neither, unless told otherwise.
  package init(blur: Int = 0, noise: Float = 0) {
    self.blur = blur
    self.noise = noise
  }

  /// Changes an input.
  ///
  /// - Parameters:
  ///   - values: [H, W, C], 0...1.
  ///   - width: W.
  ///   - height: H.
  ///   - channels: C.
  ///   - boxes: The objects in it, as fractions of the input.
  ///   - random: Numbers of this picture in this epoch.
  func apply(
    to values: inout [Float], width: Int, height: Int, channels: Int, boxes: [Box],
    using random: inout RandomStream
  ) {
    let third = blur > 0 ? random.integer(in: 0...2) : 0
    if third == 1 || third == 2 && blur == 1 {
      let sharp = values
      values = blurred(sharp, Self.backgroundKernel, width, height, channels)
      for box in boxes {
        let columns = Int(box.left * Float(width))..<Int((box.right * Float(width)).rounded(.up))
        for y in Int(box.top * Float(height))..<Int((box.bottom * Float(height)).rounded(.up)) {
          let row = (y * width + columns.lowerBound) * channels
          let range = row..<row + columns.count * channels
          values.replaceSubrange(range, with: sharp[range])
        }
      }
    } else if third == 2 {
      let sides = boxes.map { min($0.width * Float(width), $0.height * Float(height)) }
      let kernel = min(blur, Int((sides.min() ?? .infinity).clamped(to: 0...1e6)) / 8)
      if kernel > 1 { values = blurred(values, kernel, width, height, channels) }
    }
    if noise > 0, random.bernoulli(0.5) {
      for i in values.indices {
        values[i] = (values[i] + noise / 255 * random.normal()).clamped(to: 0...1)
      }
    }
  }

  private func blurred(
    _ values: [Float], _ kernel: Int, _ width: Int, _ height: Int, _ channels: Int
  ) -> [Float] {
    // OpenCV's σ of a kernel of k pixels, an odd number.
    let sigma = 0.3 * (Float(kernel / 2) - 1) + 0.8
    return GaussianBlur(sigma: sigma)
      .applied(to: values, width: width, height: height, channels: channels)
  }
}

extension Float {
  fileprivate func clamped(to range: ClosedRange<Float>) -> Float {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
