import Foundation
import Geometry

extension Box {
  /// What is wrong with a box that ends before it begins; nil for others, also for those without
  /// area, which rounding makes.
  var sizeProblem: String? {
    guard right < left || bottom < top else { return nil }
    return String(
      format: "a box of %g x %g pixels: width and height may not be negative", width, height)
  }
}
