import Compute
import Datasets
package import Detection
import Foundation
import Geometry

/// What a recipe needs to know of the images to learn from.
package struct DataTraits: Equatable, Sendable {
  /// Their number.
  package let imageCount: Int
  /// √(width · height) of every object as a share of the input's side, in rising order.
  package let objectSides: [Float]

  package init(imageCount: Int, objectSides: [Float]) {
    self.imageCount = imageCount
    self.objectSides = objectSides.sorted()
  }

  /// Reads the images' headers; those that cannot be read tell nothing.
  init(_ samples: [Sample<[GroundTruth]>], pool: ThreadPool) {
    let side = 1000
    let boxes = BoxSizes(
      samples, inputWidth: side, inputHeight: side, mode: .letterbox, pool: pool)
    self.init(
      imageCount: samples.count, objectSides: boxes.sizes.map { $0.area.squareRoot() / Float(side) }
    )
  }

  /// The side that this share of the objects is smaller than, 0...1; nil without objects.
  func objectSide(below share: Double) -> Float? {
    objectSides.isEmpty
      ? nil : objectSides[min(objectSides.count - 1, Int(share * Double(objectSides.count)))]
  }
}
