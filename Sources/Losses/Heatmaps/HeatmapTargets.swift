package import Compute

/// What the maps of a batch shall be.
package struct HeatmapTargets {
  /// p, [N, H, W, J], each in 0...1, exact zeros where no bump reaches.
  package let maps: Tensor
  /// Whether each of the N·J maps is trained: the keypoint of a person that is not labelled is not.
  package private(set) var isLabelled: [Bool]
  /// Of each of the N·J maps the pixels, row · W + column, that the centre of an object lies in.
  package private(set) var centers: [Set<Int>]

  /// Empty maps in a tensor, whose values are overwritten; all are labelled.
  package init(in maps: Tensor) {
    self.maps = maps
    maps.withMutableHostValues { $0.update(repeating: 0) }
    let count = maps.shape.batch * maps.shape.channels
    isLabelled = Array(repeating: true, count: count)
    centers = Array(repeating: [], count: count)
  }

  /// Maps that are drawn already; objects are where they are exactly 1.
  ///
  /// - Parameters:
  ///   - maps: p, [N, H, W, J].
  ///   - isLabelled: N·J values; nil: all are.
  package init(maps: Tensor, isLabelled: [Bool]? = nil) {
    let shape = maps.shape
    let count = shape.batch * shape.channels
    precondition(isLabelled?.count ?? count == count, "labels of other maps than \(shape)")
    self.maps = maps
    self.isLabelled = isLabelled ?? Array(repeating: true, count: count)
    var centers = [Set<Int>](repeating: [], count: count)
    for (index, value) in maps.values.enumerated() where value == 1 {
      let map = index / shape.countPerImage * shape.channels + index % shape.channels
      centers[map].insert(index % shape.countPerImage / shape.channels)
    }
    self.centers = centers
  }

  /// Says that a map is not trained.
  package mutating func removeLabel(image: Int, keypoint: Int) {
    isLabelled[image * maps.shape.channels + keypoint] = false
  }

  /// Draws an object.
  ///
  /// - Parameters:
  ///   - bump: What is drawn; its middle may lie outside of the map.
  ///   - image: Which of the N images.
  ///   - keypoint: Which of the J maps.
  package mutating func draw(_ bump: GaussianBump, image: Int, keypoint: Int) {
    let shape = maps.shape
    precondition(image >= 0 && image < shape.batch, "no image \(image) in \(shape)")
    precondition(keypoint >= 0 && keypoint < shape.channels, "no map \(keypoint) in \(shape)")
    if (0..<shape.height).contains(bump.row), (0..<shape.width).contains(bump.column) {
      centers[image * shape.channels + keypoint].insert(bump.row * shape.width + bump.column)
    }
    maps.withMutableHostValues { values in
      bump.forEachPixel(height: shape.height, width: shape.width) { row, column, value in
        let index =
          ((image * shape.height + row) * shape.width + column) * shape.channels + keypoint
        values[index] = max(values[index], value)
      }
    }
  }

  /// Pixels of labelled maps without an object over those with one; 1 where there is none.
  var balance: Double {
    var (objects, pixels) = (0, 0)
    for (map, centers) in centers.enumerated() where isLabelled[map] {
      objects += centers.count
      pixels += maps.shape.height * maps.shape.width
    }
    return objects == 0 ? 1 : Double(pixels - objects) / Double(objects)
  }
}
