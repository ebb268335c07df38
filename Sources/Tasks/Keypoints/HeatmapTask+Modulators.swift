import Compute
import Darknet
package import Geometry
package import Keypoints
import Losses

extension HeatmapTask {
  /// What anchor loss would multiply the cross-entropy of each pixel by, for each keypoint that is labelled:
  /// NaN where the target is not 0; nil for the others, and for maps that are no probabilities.
  ///
  /// Exponent and slack are the cfg's where it trains with anchor loss, else that loss's usual ones.
  ///
  /// - Parameters:
  ///   - maps: Of an image or a region of it.
  ///   - truth: What is annotated, in pixels of the image.
  ///   - placement: Where the image lies in the input.
  /// - Returns: One entry a keypoint.
  /// - Throws: `ComputeError`.
  package func modulators(
    of maps: Maps, truth: KeypointTruth, placement: ImagePlacement
  ) throws -> [Heatmap?] {
    guard output.training.loss.isLogistic, let first = maps.heat.first else {
      return maps.heat.map { _ in nil }
    }
    var shown = truth
    shown.points = truth.points.compactMap { point in
      var point = point
      point.position = placement.toInput(point.position)
      return (0..<1).contains(point.position.x) && (0..<1).contains(point.position.y) ? point : nil
    }
    let shape = Shape(height: first.height, width: first.width, channels: maps.heat.count)
    let targets = try targets(of: output, shape: shape, truths: [shown])
    var loss = PoseAnchorLoss(exponent: 2, slack: 0.05)
    if case .anchor(let own) = output.training.loss.term { loss = own }
    let values = targets.maps.values
    return maps.heat.enumerated().map { index, map in
      guard shown.points.contains(where: { $0.index == index }) else { return nil }
      let own = stride(from: index, to: values.count, by: shape.channels).map { values[$0] }
      let factors = loss.modulators(of: map.values, targets: own)
      return Heatmap(
        width: map.width, height: map.height,
        values: zip(factors, own).map { $1 == 0 ? $0 : .nan })
    }
  }
}
