package import Geometry

/// How images are brought to a network's input.
package struct InputSettings: Sendable, Hashable, Codable {
  /// Input width, pixels.
  package var width: Int
  /// Input height, pixels.
  package var height: Int
  /// How images are resized.
  package var resizeMode: ResizeMode

  /// An input of a size.
  package init(width: Int, height: Int, resizeMode: ResizeMode) {
    self.width = width
    self.height = height
    self.resizeMode = resizeMode
  }

  /// Where an image of this size lies in the network's input.
  package func placement(width imageWidth: Int, height imageHeight: Int) -> ImagePlacement {
    ImagePlacement(
      imageWidth: imageWidth, imageHeight: imageHeight, inputWidth: width, inputHeight: height,
      mode: resizeMode)
  }
}
