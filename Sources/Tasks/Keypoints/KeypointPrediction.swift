package import Evaluation
package import Geometry
package import Keypoints

/// What a network of keypoints says about an image, or about a person in it.
package struct KeypointPrediction: Sendable, Equatable {
  /// Found keypoints, in pixels of the image: of a person each of the layout's once, in its order; of
  /// objects any number, the highest score first.
  package let points: [FoundKeypoint]
  /// The image's size.
  package let size: PixelSize
  /// Pixels of the image for one of the network's input.
  package let scale: Double

  /// A prediction.
  package init(points: [FoundKeypoint], size: PixelSize, scale: Double) {
    self.points = points
    self.size = size
    self.scale = scale
  }
}

extension JudgedKeypoints {
  /// A person, or the objects of an image, as evaluation takes them.
  package init(_ judged: JudgedImage<KeypointTruth, KeypointPrediction>) {
    self.init(
      id: judged.id, image: judged.picture, truth: judged.target, found: judged.prediction.points,
      size: judged.prediction.size, scale: judged.prediction.scale)
  }
}
