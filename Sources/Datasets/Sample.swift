package import Detection
package import Geometry
package import Images

/// What is known of a picture, and what becomes of it when the picture is varied.
///
/// Boxes, joints and labels follow one rule, ``ImageVariation/toInput(_:)``.
package protocol Placeable: Sendable {
  /// What remains of it in the network's input: pixels of the picture become fractions of the input.
  func placed(by variation: ImageVariation) -> Self
}

/// One picture with what is to be found in it.
package struct Sample<Target: Placeable>: Sendable {
  /// The picture's name, different for every sample of a set.
  package let id: String
  /// Where the picture comes from.
  package let image: ImageSource
  /// What is to be found; in pixels of the upright picture.
  package let target: Target
  /// The picture's size as the annotation says it, nil if it does not.
  package let size: PixelSize?

  /// A picture with what is to be found in it.
  package init(id: String, image: ImageSource, target: Target, size: PixelSize? = nil) {
    self.id = id
    self.image = image
    self.target = target
    self.size = size
  }
}

/// A class: it stays what it is.
extension Int: Placeable {
  /// The same class.
  package func placed(by variation: ImageVariation) -> Int { self }
}

/// The objects of a picture.
extension [GroundTruth]: Placeable {
  /// The objects that remain, in the same order, boxes within 0...1.
  ///
  /// Boxes are clipped to what is shown of the picture; those with less than
  /// ``ImageVariation/minimumSide`` of the input left on a side are dropped, and difficult ones
  /// unless ``ImageVariation/keepsDifficult``.
  package func placed(by variation: ImageVariation) -> [GroundTruth] {
    compactMap { truth in
      guard variation.keepsDifficult || !truth.isDifficult else { return nil }
      var result = truth
      result.box = variation.toInput(truth.box)
      guard result.box.width > 0, result.box.height > 0,
        result.box.width >= variation.minimumSide, result.box.height >= variation.minimumSide
      else { return nil }
      return result
    }
  }
}
