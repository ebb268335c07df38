import Compute
import Darknet
import Foundation
package import Geometry
package import Keypoints
import Layers
import Losses
package import Networks
import Uncertainty

extension HeatmapTask {
  /// Where each keypoint is: of a person the highest place of its map, of objects all peaks.
  ///
  /// With ``HeatmapSettings/mirrors`` the input of the plan is mirrored and run again.
  ///
  /// - Throws: `UncertaintyError` for outputs that are not finite.
  package func predictions(
    _ plan: NetworkPlan, placements: [ImagePlacement]
  ) throws -> [KeypointPrediction] {
    let maps = try maps(plan)
    return zip(maps, placements).map { prediction(from: $0, $1) }
  }

  /// Where each keypoint is, by the maps of an image that lies in the input like this.
  package func prediction(from maps: Maps, _ placement: ImagePlacement) -> KeypointPrediction {
    Kind.isPerson ? person(maps, placement) : objects(maps, placement)
  }

  /// What the network says of each pixel of an image, one map for each keypoint.
  package struct Maps: Sendable {
    /// Probabilities, or of `loss=mse` heights.
    package var heat: [Heatmap]
    /// Mutual information in bits; empty without a branch.
    package var bald: [Heatmap]
  }

  /// The maps of each image of a batch, of the last `[heatmap]`.
  ///
  /// - Parameter plan: After its forward pass, with moments if there is a branch.
  /// - Returns: One entry an image.
  /// - Throws: `UncertaintyError` for outputs that are not finite.
  package func maps(_ plan: NetworkPlan) throws -> [Maps] {
    let own = try singleMaps(plan)
    guard settings.mirrors else { return own }
    mirror(plan.input)
    plan.forward()
    let mirrored = try singleMaps(plan)
    mirror(plan.input)
    return zip(own, mirrored).map { own, mirrored in
      func mean(_ maps: [Heatmap], _ others: [Heatmap]) -> [Heatmap] {
        maps.indices.map { maps[$0].averaged(with: others[layout.partners[$0]].mirrored) }
      }
      return Maps(heat: mean(own.heat, mirrored.heat), bald: mean(own.bald, mirrored.bald))
    }
  }

  private func singleMaps(_ plan: NetworkPlan) throws -> [Maps] {
    let logits = plan.output(of: output.layer)
    let shape = logits.shape
    let isLogistic = output.training.loss.isLogistic
    let heights = try logits.withHostValues { values in
      if let bad = values.firstIndex(where: { !$0.isFinite }) {
        throw UncertaintyError.notFinite(argument: "heatmap logit", index: bad)
      }
      return values.map { isLogistic ? 1 / (1 + exp(-$0)) : $0 }
    }
    var bits: [Float]?
    if let branch = output.training.branch, let moments = plan.moments(of: branch.layer) {
      bits = try output.training.difficulty.bits(
        means: moments.mean.values, variances: moments.variance.values,
        counts: Array(repeating: true, count: shape.count))
    }
    func maps(_ values: [Float], _ image: Int) -> [Heatmap] {
      (0..<shape.channels).map { keypoint in
        Heatmap(
          width: shape.width, height: shape.height,
          values: stride(
            from: image * shape.countPerImage + keypoint, to: (image + 1) * shape.countPerImage,
            by: shape.channels
          ).map { values[$0] })
      }
    }
    return (0..<shape.batch).map { image in
      Maps(heat: maps(heights, image), bald: bits.map { maps($0, image) } ?? [])
    }
  }

  /// Mirrors every row of every image.
  private func mirror(_ input: Tensor) {
    let shape = input.shape
    input.withMutableHostValues { values in
      for row in 0..<shape.batch * shape.height {
        var (left, right) = (row * shape.width, (row + 1) * shape.width - 1)
        while left < right {
          for channel in 0..<shape.channels {
            values.swapAt(left * shape.channels + channel, right * shape.channels + channel)
          }
          left += 1
          right -= 1
        }
      }
    }
  }

  private func person(_ maps: Maps, _ placement: ImagePlacement) -> KeypointPrediction {
    let points = maps.heat.indices.map { index in
      let map = maps.heat[index]
      let peak = map.highest
      return found(
        index, map, peak, at: output.decoder.place(in: map),
        doubt: map.doubt(
          at: peak, bald: maps.bald.isEmpty ? nil : maps.bald[index], reach: output.training.reach),
        placement)
    }
    return prediction(points, placement)
  }

  /// Peaks of all maps; what a map says of one is what it says around it.
  private func objects(_ maps: Maps, _ placement: ImagePlacement) -> KeypointPrediction {
    let reach = output.training.reach
    var points: [FoundKeypoint] = []
    for (index, map) in maps.heat.enumerated() {
      let peaks = map.peaks(window: output.peakWindow, above: settings.threshold)
        .prefix(output.maximumCount)
      let places = output.decoder.places(in: map, of: Array(peaks))
      for (peak, place) in zip(peaks, places) {
        let (window, middle) = map.window(around: peak, reach: 2 * reach)
        points.append(
          found(
            index, map, peak, at: place,
            doubt: window.doubt(
              at: middle,
              bald: maps.bald.isEmpty
                ? nil : maps.bald[index].window(around: peak, reach: 2 * reach).window,
              reach: reach), placement))
      }
    }
    // Equal scores keep the order of the maps.
    let order = points.indices.sorted { (points[$0].score, $1) > (points[$1].score, $0) }
    return prediction(order.prefix(output.maximumCount).map { points[$0] }, placement)
  }

  private func found(
    _ index: Int, _ map: Heatmap, _ peak: (row: Int, column: Int), at place: Point,
    doubt: KeypointDoubt, _ placement: ImagePlacement
  ) -> FoundKeypoint {
    var doubt = doubt
    doubt.spread *= Float(pixels(of: map, placement))
    return FoundKeypoint(
      index: index,
      position: placement.toImage(
        Point(place.x / Double(map.width), place.y / Double(map.height))),
      score: map[peak.row, peak.column], doubt: doubt)
  }

  /// Pixels of the image for one of a map, the mean of both directions.
  private func pixels(of map: Heatmap, _ placement: ImagePlacement) -> Double {
    let across = Double(placement.inputWidth) / Double(map.width) / placement.scale.x
    let down = Double(placement.inputHeight) / Double(map.height) / placement.scale.y
    return (across + down) / 2
  }

  private func prediction(
    _ points: [FoundKeypoint], _ placement: ImagePlacement
  ) -> KeypointPrediction {
    KeypointPrediction(
      points: points,
      size: PixelSize(width: placement.imageWidth, height: placement.imageHeight),
      scale: 2 / (placement.scale.x + placement.scale.y))
  }
}
