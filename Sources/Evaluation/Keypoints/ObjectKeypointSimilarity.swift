import Foundation
package import Geometry
package import Keypoints

/// How well found keypoints fit annotated ones, as COCO measures it.
///
///     OKS = mean over annotated keypoints of exp(−d² / (2 (2σ)² (area + ε)))
///
/// with d the distance in pixels, σ the keypoint's deviation and ε = 2⁻⁵². Of a person without annotated
/// keypoints d is the distance of every found keypoint from the person's box, doubled about its centre
/// to three times its width and height, and the mean is over all keypoints.
package struct ObjectKeypointSimilarity: Sendable {
  /// (2σ)² by keypoint.
  private let variances: [Double]

  /// The similarity of a layout.
  ///
  /// - Throws: ``EvaluationError/noSimilarity(_:)`` if deviations are not given: those of other keypoints
  ///   say nothing about these.
  package init(_ layout: KeypointLayout) throws {
    guard let deviations = layout.deviations else {
      throw EvaluationError.noSimilarity(
        "it takes a deviation (sigma) for each keypoint, which the data set does not give")
    }
    variances = deviations.map { 2 * $0 * (2 * $0) }
  }

  /// The similarity of found places with an annotated person.
  ///
  /// - Parameters:
  ///   - places: One for each keypoint of the layout.
  ///   - truth: The annotation, with the person's area and, if no keypoint is annotated, the box.
  /// - Returns: 0...1; 0 without area or box.
  package func value(_ places: [Point], _ truth: KeypointTruth) -> Double {
    guard let area = truth.sizes.area else { return 0 }
    var sum = 0.0
    func add(_ dx: Double, _ dy: Double, _ keypoint: Int) {
      let exponent = (dx * dx + dy * dy) / variances[keypoint] / (area + Double.ulpOfOne) / 2
      sum += exp(-exponent)
    }
    if truth.points.isEmpty {
      guard let box = truth.sizes.box else { return 0 }
      for (keypoint, place) in places.enumerated() {
        let dx = Self.outside(place.x, Double(box.left), Double(box.width))
        add(dx, Self.outside(place.y, Double(box.top), Double(box.height)), keypoint)
      }
      return sum / Double(places.count)
    }
    for point in truth.points {
      let place = places[point.index]
      add(place.x - point.position.x, place.y - point.position.y, point.index)
    }
    return sum / Double(truth.points.count)
  }

  /// How far a coordinate is from a side with as much again before and behind it.
  private static func outside(_ value: Double, _ start: Double, _ length: Double) -> Double {
    max(0, start - length - value) + max(0, value - (start + length * 2))
  }
}
