import Foundation

/// A blur with weights exp(−d² / 2σ²) up to three σ, rows first, then columns.
package struct GaussianBlur {
  /// The weights of distances 0, 1, …; with both sides they sum to 1.
  private let weights: [Float]

  /// σ > 0 in pixels.
  package init(sigma: Float) {
    let radius = Int((3 * sigma).rounded(.up))
    let raw = (0...radius).map { exp(-Double($0 * $0) / Double(2 * sigma * sigma)) }
    let sum = 2 * raw.reduce(0, +) - raw[0]
    weights = raw.map { Float($0 / sum) }
  }

  /// The blurred picture; beyond the edges the outermost pixels go on.
  func applied(to image: Image) -> Image {
    let (width, height) = (image.width, image.height)
    let values = applied(
      to: image.pixels.map { Float($0) }, width: width, height: height, channels: 3)
    return Image(width: width, height: height, pixels: values.map { UInt8(clamped: $0) })
  }

  /// The same for values [H, W, C].
  package func applied(
    to values: [Float], width: Int, height: Int, channels: Int
  ) -> [Float] {
    let line = channels * width
    let rows = blurred(
      values, count: width, step: channels, lines: height, lineStep: line, width: channels)
    return blurred(rows, count: height, step: line, lines: 1, lineStep: 0, width: line)
  }

  /// Blurs along one axis: `lines` lines of `count` places, each of `width` values side by side.
  private func blurred(
    _ source: [Float], count: Int, step: Int, lines: Int, lineStep: Int, width: Int
  ) -> [Float] {
    var target = [Float](repeating: 0, count: source.count)
    source.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer { target in
        for line in 0..<lines {
          let start = line * lineStep
          for place in 0..<count {
            let output = start + place * step
            for (distance, weight) in weights.enumerated() {
              let before = start + max(place - distance, 0) * step
              let after = start + min(place + distance, count - 1) * step
              if distance == 0 {
                for i in 0..<width { target[output + i] += weight * source[before + i] }
              } else {
                for i in 0..<width {
                  target[output + i] += weight * (source[before + i] + source[after + i])
                }
              }
            }
          }
        }
      }
    }
    return target
  }
}
