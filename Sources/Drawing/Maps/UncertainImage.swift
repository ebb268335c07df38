package import Detection
package import Geometry
package import Images
package import Uncertainty

/// An image with what was found in it and how uncertain the network was about every anchor.
package struct UncertainImage: Sendable {
  /// The file that it was read from.
  package let source: ImageFile
  /// The picture.
  package let image: Image
  /// Where it lay in the network's input.
  package let placement: ImagePlacement
  /// How it was brought there.
  package let resize: ResizeMode
  /// Boxes in pixels of the image.
  package let detections: [Detection]
  /// Any kinds, each for one or more scales.
  package let maps: [UncertaintyMap]

  /// An image of which the placement is for its size.
  package init(
    source: ImageFile, image: Image, placement: ImagePlacement, resize: ResizeMode,
    detections: [Detection], maps: [UncertaintyMap]
  ) {
    precondition(
      placement.imageWidth == image.width && placement.imageHeight == image.height,
      "a placement of \(placement.imageWidth)x\(placement.imageHeight) for "
        + "\(image.width)x\(image.height) pixels")
    self.source = source
    self.image = image
    self.placement = placement
    self.resize = resize
    self.detections = detections
    self.maps = maps
  }

  /// The maps by kind, in order of first appearance.
  var mapsByKind: [(kind: UncertaintyKind, maps: [UncertaintyMap])] {
    var kinds: [UncertaintyKind] = []
    for map in maps where !kinds.contains(map.kind) { kinds.append(map.kind) }
    return kinds.map { kind in (kind, maps.filter { $0.kind == kind }) }
  }
}
