package import Detection
package import Geometry

extension ImageDetections {
  /// What a detector found in an image, as files hold it.
  ///
  /// - Parameters:
  ///   - found: Boxes in pixels of the image.
  ///   - classNames: Names of the class indices; every detection's must be among them.
  ///   - file: The image's file name or path, or its VOC id.
  ///   - width: Width in pixels.
  ///   - height: Height in pixels.
  ///   - resize: How the image was brought to the network's input.
  package init(
    _ found: [Detection], classNames: [String], file: String, width: Int, height: Int,
    resize: ResizeMode
  ) {
    self.init(
      file: file, width: width, height: height, resize: resize,
      detections: found.map {
        NamedDetection(
          className: classNames[$0.classIndex], confidence: $0.confidence,
          objectness: $0.objectness, uncertainty: $0.uncertainty, box: $0.box)
      })
  }
}
