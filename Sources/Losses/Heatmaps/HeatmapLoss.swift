package import Compute

/// A loss of the maps of a keypoint network, one map for each keypoint.
///
/// Of an image with maps of H x W pixels for J keypoints, with a term ℓ for each pixel, its weight w (1,
/// or its difficulty), v of the map's keypoint (0: unlabelled) and a constant c of the normalisation:
///
///     L = Σ over keypoints  c · v · Σ over pixels  w · ℓ
///
/// For ``hardest`` = K, OHKM: only the K maps of an image whose Σ w ℓ is the largest count, and c is J / K
/// times as large. For ``isBalanced`` pixels with an object in them, of a target of 1 or the centre of a
/// bump, count (pixels without one) / (pixels with one) of the batch times as much.
///
/// Values are sums over the images.
package struct HeatmapLoss: Sendable, Hashable {
  /// ℓ of a pixel with logit z and target p.
  package enum Term: Sendable, Hashable {
    /// ½ (z − p)²: the map is z itself.
    case squaredError
    /// −p ln σ(z) − (1 − p) ln(1 − σ(z)).
    case crossEntropy
    /// Cross-entropy that false peaks as high as the true one make larger.
    case anchor(PoseAnchorLoss)
    /// Penalty-reduced focal loss.
    case distanceAware(DistanceAwareFocalLoss)
  }

  /// What a sum over the pixels of a map is divided by.
  package enum Normalization: String, Sendable, Hashable, CaseIterable, Codable {
    /// H W J: the mean over pixels and keypoints.
    case pixels
    /// The objects of the map, at least 1.
    case map
    /// The objects of the image's maps, at least 1.
    case image
    /// The objects of the batch's maps over its images, at least one object.
    case batch
  }

  /// ℓ.
  package var term: Term
  /// c.
  package var normalization: Normalization
  /// K; nil: all maps.
  package var hardest: Int?
  /// Whether the few pixels with objects count as much as the many without.
  package var isBalanced: Bool

  /// A loss; `hardest` at least 1.
  package init(
    _ term: Term, normalization: Normalization = .pixels, hardest: Int? = nil,
    isBalanced: Bool = false
  ) {
    precondition(hardest ?? 1 > 0, "no map is left")
    self.term = term
    self.normalization = normalization
    self.hardest = hardest
    self.isBalanced = isBalanced
  }

  /// Whether maps are probabilities σ(z); otherwise they are z.
  package var isLogistic: Bool { term != .squaredError }

  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: z, [N, H, W, J].
  ///   - targets: p, and which maps are labelled.
  ///   - weights: w ≥ 0, one a pixel in the order of `logits`, taken as constant; nil: all 1.
  ///   - gradient: As `logits`.
  /// - Returns: The sum over the images, in nats.
  package func evaluate(
    logits: Tensor, targets: HeatmapTargets, weights: [Float]? = nil, gradient: Tensor
  ) -> Double {
    let shape = logits.shape
    precondition(targets.maps.shape == shape, "targets \(targets.maps.shape) of \(shape)")
    precondition(gradient.count == shape.count, "gradient \(gradient.shape) of \(shape)")
    precondition(weights.map { $0.count == shape.count } ?? true, "weights are not one per pixel")
    let scales = scales(of: targets)
    let balance = isBalanced ? targets.balance : 1
    var loss = 0.0
    logits.withHostValues { logits in
      targets.maps.withHostValues { targetValues in
        gradient.withMutableHostValues { gradient in
          gradient.update(repeating: 0)
          for image in 0..<shape.batch {
            let maps = (0..<shape.channels).map { keypoint in
              let place = image * shape.channels + keypoint
              guard targets.isLabelled[place] else { return Map(sum: 0, pixels: nil) }
              let pixels = stride(
                from: image * shape.countPerImage + keypoint, to: (image + 1) * shape.countPerImage,
                by: shape.channels)
              return Map(
                sum: sum(
                  pixels, logits, targetValues, weights, gradient, scale: scales[place],
                  balance: balance), pixels: pixels)
            }
            let kept = hardest.map { Self.largest($0, of: maps) } ?? Set(maps.indices)
            for (keypoint, map) in maps.enumerated() {
              if kept.contains(keypoint) {
                loss += map.sum
              } else if let pixels = map.pixels {
                for pixel in pixels { gradient[pixel] = 0 }
              }
            }
          }
        }
      }
    }
    return loss
  }

  /// The loss of one map.
  private struct Map {
    let sum: Double
    /// Nil: not labelled.
    let pixels: StrideTo<Int>?
  }

  /// The maps with the largest losses, the first of equal ones; one that is no number is larger than all,
  /// so that it shows in the sum.
  private static func largest(_ count: Int, of maps: [Map]) -> Set<Int> {
    let sums = maps.map { $0.sum.isNaN ? .infinity : $0.sum }
    return Set(maps.indices.sorted { (sums[$0], $1) > (sums[$1], $0) }.prefix(count))
  }

  /// c of every map, in the order N, J.
  private func scales(of targets: HeatmapTargets) -> [Double] {
    let shape = targets.maps.shape
    let share = hardest.map { Double(shape.channels) / Double(min($0, shape.channels)) } ?? 1
    func objects(_ maps: Range<Int>) -> Double {
      Double(max(1, targets.centers[maps].reduce(0) { $0 + $1.count }))
    }
    return (0..<shape.batch * shape.channels).map { place in
      let first = place / shape.channels * shape.channels
      return switch normalization {
      case .pixels: share / Double(max(1, shape.countPerImage))
      case .map: share / objects(place..<place + 1)
      case .image: share / objects(first..<first + shape.channels)
      case .batch: share * Double(shape.batch) / objects(0..<targets.centers.count)
      }
    }
  }

  /// c Σ w ℓ of a map; writes its gradient.
  private func sum(
    _ pixels: StrideTo<Int>, _ logits: UnsafeBufferPointer<Float>,
    _ targets: UnsafeBufferPointer<Float>, _ weights: [Float]?,
    _ gradient: UnsafeMutableBufferPointer<Float>, scale: Double, balance: Double
  ) -> Double {
    var loss = 0.0
    func add(_ index: Int, _ value: Double, _ slope: Double) {
      let weight = Double(weights?[index] ?? 1)
      loss += weight * value
      gradient[index] = Float(scale * weight * slope)
    }
    // The loop is inside of the choice, which would cost more than the cheap terms.
    switch term {
    case .squaredError:
      for index in pixels {
        let difference = Double(logits[index] - targets[index])
        let factor = targets[index] == 1 ? balance : 1
        add(index, factor * 0.5 * difference * difference, factor * difference)
      }
    case .crossEntropy:
      for index in pixels {
        let term = LogisticTerm.binaryCrossEntropy(logit: logits[index], target: targets[index])
        let factor = targets[index] == 1 ? balance : 1
        add(index, factor * term.value, factor * Double(term.gradient))
      }
    case .anchor(let anchor):
      let offset = anchor.offset(pixels, logits, targets)
      for index in pixels {
        let term = anchor.term(logit: logits[index], target: targets[index], offset: offset)
        add(index, term.value, Double(term.gradient))
      }
    case .distanceAware(let focal):
      for index in pixels {
        let (value, slope) = focal.term(logit: Double(logits[index]), target: targets[index])
        add(index, value, slope)
      }
    }
    return scale * loss
  }
}
