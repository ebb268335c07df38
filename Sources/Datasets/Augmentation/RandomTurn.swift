import Compute
import Foundation
import Geometry

/// How the surroundings of a person are varied in training: size, rotation and place at once (Newell et
/// al., Stacked Hourglass Networks, arXiv 1603.06937, and its authors' code).
///
/// Of what is shown, the person is 2^−z times as large, turned by θ about the middle and moved by (dx, dy)
/// of the sides, with z normal of deviation ``zoom`` and θ of ``angle``, both cut at twice that, and dx and
/// dy uniform to ±``shift``. θ is 0 in all but ``turnedShare`` of the pictures. What lies outside the
/// picture is black.
package struct RandomTurn: Hashable, Sendable, Codable {
  /// Standard deviation of the size's logarithm to base 2, ≥ 0.
  package var zoom: Float
  /// Standard deviation of the rotation, degrees, ≥ 0.
  package var angle: Float
  /// The share of pictures that are turned, 0...1.
  package var turnedShare: Float
  /// Largest move, as a share of the sides, 0...1.
  package var shift: Float

  /// A way to vary pictures; zeros leave them as they are.
  package init(zoom: Float = 0, angle: Float = 0, turnedShare: Float = 1, shift: Float = 0) {
    self.zoom = zoom
    self.angle = angle
    self.turnedShare = turnedShare
    self.shift = shift
  }

  /// From the pixels of the input to those of the picture.
  ///
  /// - Parameters:
  ///   - variation: What is shown of the picture, and where.
  ///   - random: Numbers of this picture in this epoch.
  /// - Returns: The map.
  func draw(_ variation: ImageVariation, using random: inout RandomStream) -> AffineMap {
    func normal(_ deviation: Float) -> Double {
      Double(min(max(deviation * random.normal(), -2 * deviation), 2 * deviation))
    }
    let scale = exp2(normal(zoom))
    let isTurned = random.bernoulli(turnedShare)
    let turn = normal(angle) * (isTurned ? .pi / 180 : 0)
    let moved = Point(
      Double(random.uniform(-shift...shift)), Double(random.uniform(-shift...shift)))
    let (crop, target) = (variation.crop, variation.target)
    let width = Double(crop.width) / Double(target.width) * scale
    let height = Double(crop.height) / Double(target.height) * scale
    let middle = Point(
      Double(target.x) + Double(target.width) / 2, Double(target.y) + Double(target.height) / 2)
    let origin = Point(
      Double(crop.x) + Double(crop.width) * (0.5 - moved.x),
      Double(crop.y) + Double(crop.height) * (0.5 - moved.y))
    let (c, s) = (cos(turn), sin(turn))
    let (a, b, d, e) = (c * width, s * height, -s * width, c * height)
    return AffineMap(
      a: a, b: b, c: origin.x - a * middle.x - b * middle.y,
      d: d, e: e, f: origin.y - d * middle.x - e * middle.y)
  }
}
