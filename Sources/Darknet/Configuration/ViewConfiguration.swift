/// How Darknet's classifiers crop, turn and stretch pictures in training.
package struct ViewConfiguration: Sendable, Equatable {
  /// The keys of `[net]` that say so.
  static let keys = ["min_crop", "max_crop", "angle", "aspect"]

  /// The least length of a picture's shorter side, in pixels of the input (`min_crop`).
  package let smallestSide: Int
  /// The largest one (`max_crop`).
  package let largestSide: Int
  /// The largest rotation either way, degrees (`angle`).
  package let angle: Float
  /// The largest factor of the aspect, or the smallest one (`aspect`).
  package let aspect: Float

  /// What `[net]` says; nil if it says nothing of it, or nothing but that pictures stay as they are.
  ///
  /// Where one key is there the others have Darknet's defaults: `min_crop` is the input's width,
  /// `max_crop` twice that. With `center=1` pictures are not cropped at random.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  init?(_ net: ConfigurationSection, width: Int, height: Int) throws(DarknetError) {
    angle = try net.number("angle", default: 0, in: 0...180)
    aspect = try net.number("aspect", default: 1, in: 0.1...10)
    let sizes = 1...16384
    smallestSide = try net.integer("min_crop", default: width, in: sizes)
    largestSide = try net.integer("max_crop", default: 2 * width, in: sizes)
    let isNamed = net["min_crop"] != nil || net["max_crop"] != nil
    guard isNamed || angle != 0 || aspect != 1, try !net.flag("center", default: false) else {
      return nil
    }
    let line = net["max_crop"]?.line ?? net["min_crop"]?.line
    guard largestSide >= max(width, height) else {
      throw net.error(
        "max_crop=\(largestSide) is less than the input's \(width)x\(height): no picture would fill it",
        line: line)
    }
    guard smallestSide <= largestSide else {
      throw net.error(
        "min_crop=\(smallestSide) is more than max_crop=\(largestSide)"
          + (net["max_crop"] == nil ? ", twice the width where it is not given" : ""),
        line: net["min_crop"]?.line ?? line)
    }
  }
}
