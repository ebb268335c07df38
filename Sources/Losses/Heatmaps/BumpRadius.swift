/// How large the bump of an object's centre is: how far the corners of its box may be moved so that it
/// still overlaps itself well enough.
///
/// For an IoU of at least m with an h × w box the three bounds, in pixels of the map, are of one corner
/// moved inwards and the other outwards, of both inwards, and of both outwards:
///
///     both ways:  (b − √(b² − 4c)) / 2,    b = h + w,      c = wh (1 − m) / (1 + m)
///     inwards:    (b − √(b² − 16c)) / 8,   b = 2 (h + w),  c = (1 − m) wh
///     outwards:   (b + √(b² − 16mc)) / 8m, b = −2m (h + w), c = (m − 1) wh
package struct BumpRadius: Sendable, Hashable {
  /// Which code's bounds.
  package enum Rule: String, Sendable, Hashable, CaseIterable, Codable {
    /// The same for all objects.
    case fixed
    /// The bounds above (CornerNet, arXiv 1808.01244; m = 0.3 in its configuration).
    case cornernet
    /// The larger root over 2 in all three, as CenterNet computes them (arXiv 1904.07850; m = 0.7):
    /// several times as large.
    case centernet
  }

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
  ///   - rule: Anything but CenterNet's is CornerNet's.
  package init(
    height: Double, width: Double, minimumOverlap: Double, rule: Rule = .cornernet
  ) {
    let m = minimumOverlap
    precondition(
      height > 0 && width > 0 && height.isFinite && width.isFinite, "box of \(height)x\(width)")
    precondition(m > 0 && m <= 1, "overlap \(m)")
    let sum = height + width
    let area = height * width
    // Rounding must not make a root of a square slightly below 0.
    func root(_ square: Double) -> Double { max(0, square).squareRoot() }
    let roots = (
      root(sum * sum - 4 * area * (1 - m) / (1 + m)),
      root(4 * sum * sum - 16 * (1 - m) * area),
      root(4 * m * m * sum * sum + 16 * m * (1 - m) * area)
    )
    if rule == .centernet {
      bothWays = (sum + roots.0) / 2
      inwards = (2 * sum + roots.1) / 2
      outwards = (roots.2 - 2 * m * sum) / 2
    } else {
      bothWays = (sum - roots.0) / 2
      inwards = (2 * sum - roots.1) / 8
      outwards = (roots.2 - 2 * m * sum) / (8 * m)
    }
  }

  /// The smallest bound, rounded down to whole pixels.
  package var pixels: Int { max(0, Int(min(bothWays, inwards, outwards))) }
}
