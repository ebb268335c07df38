import Foundation

/// A Gaussian bump of a keypoint's map (Law and Deng, CornerNet, arXiv 1808.01244).
///
///     y = exp(−(dx² + dy²) / 2σ²)
///
/// Distances are from the middle of a pixel to that of the bump. It ends at the square window of
/// 2·radius + 1 pixels around the pixel that its middle lies in; the map's border clips it. Values below
/// the machine epsilon are 0.
package struct GaussianBump: Sendable, Hashable {
  /// Its middle, pixels of the map from the left edge.
  package let x: Double
  /// Its middle, pixels of the map from the upper edge.
  package let y: Double
  /// Half of the window's side, ≥ 0 pixels.
  package let radius: Int
  /// σ > 0, pixels.
  package let standardDeviation: Float

  /// A bump.
  ///
  /// - Parameters:
  ///   - x: From the left edge of the map, in its pixels.
  ///   - y: From the upper edge.
  ///   - radius: Half of the window's side, ≥ 0.
  ///   - standardDeviation: σ > 0; nil: (2·radius + 1) / 6, as in CornerNet's code.
  ///   - isCentered: Whether the middle is moved to that of its pixel, so that one target is exactly 1.
  package init(
    x: Double, y: Double, radius: Int, standardDeviation: Float? = nil, isCentered: Bool = true
  ) {
    let deviation = standardDeviation ?? Float(2 * radius + 1) / 6
    precondition(radius >= 0 && deviation > 0, "radius \(radius), deviation \(deviation)")
    precondition(abs(x) < 1e9 && abs(y) < 1e9, "a bump at \(x), \(y)")
    self.x = isCentered ? x.rounded(.down) + 0.5 : x
    self.y = isCentered ? y.rounded(.down) + 0.5 : y
    self.radius = radius
    self.standardDeviation = deviation
  }

  /// The pixel that the middle lies in.
  package var row: Int { Int(y.rounded(.down)) }
  /// The pixel that the middle lies in.
  package var column: Int { Int(x.rounded(.down)) }

  /// Its values in a map.
  func forEachPixel(height: Int, width: Int, _ body: (_ row: Int, _ column: Int, Float) -> Void) {
    for row in (row - radius..<row + radius + 1).clamped(to: 0..<height) {
      for column in (column - radius..<column + radius + 1).clamped(to: 0..<width) {
        let (dx, dy) = (Float(Double(column) + 0.5 - x), Float(Double(row) + 0.5 - y))
        let value = exp(-(dx * dx + dy * dy) / (2 * standardDeviation * standardDeviation))
        if value >= .ulpOfOne { body(row, column, value) }
      }
    }
  }
}
