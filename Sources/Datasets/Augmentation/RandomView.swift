import Compute
import Foundation
import Geometry

/// How Darknet varies the pictures of a classifier: size, aspect, rotation and place at once.
///
/// Of a picture of W x H pixels and an input of w x h, with a the drawn factor of the aspect, r of the
/// side, θ of the rotation and (dx, dy) of the place:
///
///     s = r / min(H, W a),  |dx| ≤ |W s / a − w| / 2,  |dy| ≤ |H s − h| / 2
///
/// the picture, W s / a wide and H s high, is turned by θ about its middle, which comes to lie dx to the
/// left of the input's and dy above it. Where it does not reach, the input is black.
package struct RandomView: Hashable, Sendable, Codable {
  /// The smallest r, pixels of an input ``ownWidth`` wide (`min_crop`).
  package var smallestSide: Int
  /// The largest r (`max_crop`).
  package var largestSide: Int
  /// The largest rotation either way, degrees (`angle`).
  package var angle: Float
  /// a is between 1 and this, or in half of the cases the inverse of such a number; > 0 (`aspect`).
  package var aspect: Float
  /// The input's width that the sides are for; another one scales them.
  package var ownWidth: Int

  /// A way to vary pictures.
  package init(
    smallestSide: Int, largestSide: Int, angle: Float = 0, aspect: Float = 1, ownWidth: Int
  ) {
    self.smallestSide = smallestSide
    self.largestSide = largestSide
    self.angle = angle
    self.aspect = aspect
    self.ownWidth = ownWidth
  }

  /// From the pixels of the input to those of the picture.
  ///
  /// - Parameters:
  ///   - image: W and H, as their input's pixels are counted.
  ///   - input: w and h.
  ///   - random: Numbers of this picture in this epoch.
  /// - Returns: The map.
  func draw(
    image: PixelSize, input: PixelSize, using random: inout RandomStream
  ) -> AffineMap {
    precondition(
      smallestSide > 0 && largestSide >= smallestSide && aspect > 0 && angle >= 0 && ownWidth > 0)
    var factor = aspect == 1 ? 1 : Double(random.uniform(min(1, aspect)...max(1, aspect)))
    if aspect != 1, random.bernoulli(0.5) { factor = 1 / factor }
    let side =
      Double(random.integer(in: smallestSide...largestSide)) * Double(input.width)
      / Double(ownWidth)
    let turn = angle == 0 ? 0 : Double(random.uniform(-angle...angle)) * .pi / 180
    let (across, down) = (random.uniform(-1...1), random.uniform(-1...1))
    return Self.map(
      image: image, input: input, side: side, aspect: factor, turn: turn,
      place: Point(Double(across), Double(down)))
  }

  /// The map of what was drawn.
  ///
  /// - Parameters:
  ///   - image: W and H.
  ///   - input: w and h.
  ///   - side: r.
  ///   - aspect: a.
  ///   - turn: θ in radians, with y downwards from the input to the picture.
  ///   - place: dx and dy as parts of what they may be at most, -1...1.
  /// - Returns: The map.
  static func map(
    image: PixelSize, input: PixelSize, side: Double, aspect: Double, turn: Double, place: Point
  ) -> AffineMap {
    let (width, height) = (Double(image.width), Double(image.height))
    let scale = side / min(height, width * aspect)
    let dx = place.x * abs(width * scale / aspect - Double(input.width)) / 2
    let dy = place.y * abs(height * scale - Double(input.height)) / 2
    let (x, y) = (dx - Double(input.width) / 2, dy - Double(input.height) / 2)
    let (across, down) = (aspect / scale, 1 / scale)
    let (cosine, sine) = (cos(turn), sin(turn))
    return AffineMap(
      a: cosine * across, b: -sine * down, c: cosine * across * x - sine * down * y + width / 2,
      d: sine * across, e: cosine * down, f: sine * across * x + cosine * down * y + height / 2)
  }
}
