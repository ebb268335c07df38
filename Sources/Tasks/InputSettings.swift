package import Geometry

/// How images are brought to a network's input.
package struct InputSettings: Sendable, Hashable, Codable {
  /// Input width, pixels.
  package var width: Int
  /// Input height, pixels.
  package var height: Int
  /// How images are resized.
  package var resizeMode: ResizeMode
  /// What a letterbox is filled with, 0...1.
  package var fill: Float

  /// An input of a size.
  package init(width: Int, height: Int, resizeMode: ResizeMode, fill: Float = 0) {
    self.width = width
    self.height = height
    self.resizeMode = resizeMode
    self.fill = fill
  }

  /// Where an image of this size, or a region of it, lies in the network's input.
  package func placement(
    width imageWidth: Int, height imageHeight: Int, region: Box? = nil
  ) -> ImagePlacement {
    ImagePlacement(
      imageWidth: imageWidth, imageHeight: imageHeight, inputWidth: width, inputHeight: height,
      mode: resizeMode, region: region)
  }
}

extension InputSettings {
  /// How images are resized, for people, with the fill where it is not black.
  package var resizeText: String {
    resizeMode == .letterbox && fill != 0
      ? "\(resizeMode.rawValue) filled with \(fill)" : resizeMode.rawValue
  }
}
