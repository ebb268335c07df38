package import Compute
package import Detection
package import Geometry
package import Images

/// What is known of a picture, and what becomes of it when the picture is varied.
///
/// Boxes, joints and labels follow one rule, ``ImageVariation/toInput(_:)``.
package protocol Placeable: Sendable, Writable {
  /// What of it is to be found in an input.
  associatedtype Shown: ShownTarget = Self

  /// What remains of it in the network's input: pixels of the picture become fractions of the input.
  func placed(by variation: ImageVariation) -> Shown

  /// What of the picture is looked at, in its pixels; may reach out of it; nil: all of it.
  var region: Box? { get }
}

extension Placeable {
  /// All of the picture.
  package var region: Box? { nil }
}

/// What is to be found in a network's input.
package protocol ShownTarget: Sendable {
  /// What is to be found in an input that is made of several.
  ///
  /// - Parameter parts: What each of them holds, positions as fractions of its own input, and what of
  ///   it is shown.
  /// - Returns: What it holds together, positions as fractions of the input.
  static func joined(_ parts: [(target: Self, pane: Pane)]) -> Self

  /// The objects' boxes, if it has any.
  var boxes: [Box] { get }
  /// Whether an input may be partly that of another picture's, as classes may be.
  static var isDivisible: Bool { get }
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
  package func placed(by variation: ImageVariation) -> ClassShares { ClassShares(self) }
}

/// The objects of a picture.
extension [GroundTruth]: Placeable, ShownTarget {
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

  /// The objects of all parts, cut where their part ends; those of which too little is left are
  /// dropped.
  package static func joined(
    _ parts: [(target: [GroundTruth], pane: Pane)]
  ) -> [GroundTruth] {
    parts.flatMap { target, pane in
      target.compactMap { truth in
        guard let box = pane.shown(truth.box) else { return nil }
        var result = truth
        result.box = box
        return result
      }
    }
  }

  /// One an object.
  package var boxes: [Box] { map(\.box) }
  /// A rectangle of another picture would hide objects.
  package static var isDivisible: Bool { false }
}
