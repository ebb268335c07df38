import Compute
import Darknet
import Foundation
import Geometry
import Keypoints
import Losses

extension HeatmapTask {
  /// What the maps of a `[heatmap]` shall be.
  ///
  /// A joint that is labelled and in the input gets its bump; one that is not has a map that is not
  /// trained. Maps of centres are always trained.
  ///
  /// - Parameters:
  ///   - output: The section.
  ///   - shape: [N, H, W, K].
  ///   - truths: N of them, positions as fractions of the input.
  /// - Returns: The maps.
  /// - Throws: `ComputeError`.
  func targets(
    of output: HeatmapOutput, shape: Shape, truths: [KeypointTruth]
  ) throws -> HeatmapTargets {
    let training = output.training
    var targets = HeatmapTargets(in: try Tensor(shape, on: HostMemory()))
    for (image, truth) in truths.enumerated() {
      var drawn = Set<Int>()
      for point in truth.points where training.trainsOccluded || !point.isOccluded {
        // A network of fewer keypoints than the data was refused before.
        guard point.index < shape.channels else { continue }
        drawn.insert(point.index)
        let (radius, deviation) = bump(of: point, training, shape)
        targets.draw(
          GaussianBump(
            x: point.position.x * Double(shape.width), y: point.position.y * Double(shape.height),
            radius: radius, standardDeviation: deviation,
            isCentered: !training.isSubpixel || training.target == .pixel),
          image: image, keypoint: point.index)
      }
      guard Kind.isPerson else { continue }
      for keypoint in 0..<shape.channels where !drawn.contains(keypoint) {
        targets.removeLabel(image: image, keypoint: keypoint)
      }
    }
    return targets
  }

  private func bump(
    of point: LabelledKeypoint, _ training: HeatmapTraining, _ shape: Shape
  ) -> (radius: Int, deviation: Float?) {
    guard training.target == .gaussian else { return (0, 1) }
    guard training.radiusRule != .fixed, let extent = point.extent, extent.x > 0, extent.y > 0
    else {
      return (training.reach, training.standardDeviation)
    }
    let radius = BumpRadius(
      height: extent.y * Double(shape.height), width: extent.x * Double(shape.width),
      minimumOverlap: Double(training.minimumOverlap), rule: training.radiusRule)
    return (radius.pixels, nil)
  }
}
