package import Compute
import Foundation

/// Targets with a Gaussian bump on every keypoint (Law and Deng, CornerNet, arXiv 1808.01244).
///
/// A bump has height 1 and ends at its square window of 2·radius + 1 pixels:
///
///     y = exp(−(dx² + dy²) / 2σ²)
///
/// Where bumps overlap the larger value stands; the map's border clips them.
package enum GaussianTargets {
  /// How far the corners of a box may be moved so that it still overlaps itself well enough.
  ///
  /// The three bounds are those of CornerNet for an IoU of at least m with an h × w box: one corner
  /// moved inwards and the other outwards, both inwards, both outwards.
  ///
  ///     both ways:  (b − √(b² − 4c)) / 2,    b = h + w,      c = wh (1 − m) / (1 + m)
  ///     inwards:    (b − √(b² − 16c)) / 8,   b = 2 (h + w),  c = (1 − m) wh
  ///     outwards:   (b + √(b² − 16mc)) / 8m, b = −2m (h + w), c = (m − 1) wh
  package struct RadiusBounds: Sendable, Hashable {
    /// One corner moves inwards and the other outwards; in pixels of the map.
    package let bothWays: Double
    /// Both corners move inwards; in pixels of the map.
    package let inwards: Double
    /// Both corners move outwards; in pixels of the map.
    package let outwards: Double

    /// The bounds of a box.
    ///
    /// - Parameters:
    ///   - height: h > 0, pixels of the map.
    ///   - width: w > 0, pixels of the map.
    ///   - minimumOverlap: m, the IoU, above 0 and at most 1.
    package init(height: Double, width: Double, minimumOverlap: Double) {
      let m = minimumOverlap
      precondition(
        height > 0 && width > 0 && height.isFinite && width.isFinite, "box of \(height)x\(width)")
      precondition(m > 0 && m <= 1, "overlap \(m)")
      let sum = height + width
      let area = height * width
      // Rounding must not make a root of a square slightly below 0.
      func root(_ square: Double) -> Double { max(0, square).squareRoot() }
      bothWays = (sum - root(sum * sum - 4 * area * (1 - m) / (1 + m))) / 2
      inwards = (2 * sum - root(4 * sum * sum - 16 * (1 - m) * area)) / 8
      outwards = (root(4 * m * m * sum * sum + 16 * m * (1 - m) * area) - 2 * m * sum) / (8 * m)
    }

    /// The smallest bound, rounded down to whole pixels.
    package var radius: Int { max(0, Int(min(bothWays, inwards, outwards))) }
  }

  /// The σ of CornerNet's code for a radius, (2·radius + 1) / 6 pixels.
  package static func standardDeviation(radius: Int) -> Float { Float(2 * radius + 1) / 6 }

  /// Draws a bump into a map, where it is larger than what is there.
  ///
  /// Values below the machine epsilon times the height are 0, not drawn. A centre outside the map is
  /// allowed: its bump is clipped, and has no target that is exactly 1.
  ///
  /// - Parameters:
  ///   - targets: [N, H, W, L].
  ///   - image: Which of the N images.
  ///   - channel: Which of the L classes or joints.
  ///   - row: Row of the keypoint.
  ///   - column: Column of the keypoint.
  ///   - radius: Half of the window's side, ≥ 0 pixels.
  ///   - standardDeviation: σ > 0, pixels; nil: the one of CornerNet's code for the radius.
  package static func draw(
    into targets: Tensor, image: Int, channel: Int, row: Int, column: Int, radius: Int,
    standardDeviation: Float? = nil
  ) {
    let shape = targets.shape
    let deviation = standardDeviation ?? self.standardDeviation(radius: radius)
    precondition(image >= 0 && image < shape.batch, "no image \(image) in \(shape)")
    precondition(channel >= 0 && channel < shape.channels, "no channel \(channel) in \(shape)")
    precondition(radius >= 0 && deviation > 0, "radius \(radius), deviation \(deviation)")
    let rows = (row - radius..<row + radius + 1).clamped(to: 0..<shape.height)
    let columns = (column - radius..<column + radius + 1).clamped(to: 0..<shape.width)
    targets.withMutableHostValues { targets in
      for y in rows {
        for x in columns {
          let square = Float((y - row) * (y - row) + (x - column) * (x - column))
          let value = exp(-square / (2 * deviation * deviation))
          guard value >= .ulpOfOne else { continue }
          let index = ((image * shape.height + y) * shape.width + x) * shape.channels + channel
          targets[index] = max(targets[index], value)
        }
      }
    }
  }
}
