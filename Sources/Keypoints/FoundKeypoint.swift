package import Geometry

/// A keypoint that a network found.
package struct FoundKeypoint: Hashable, Sendable {
  /// Which of the layout's keypoints, 0 ..< K.
  package var index: Int
  /// Where it is: in pixels of the picture unless stated otherwise.
  package var position: Point
  /// The height of the map there: 0...1 where maps are probabilities.
  package var score: Float
  /// What else the map says of its certainty; nil: not asked for.
  package var doubt: KeypointDoubt?

  /// A found keypoint.
  package init(index: Int, position: Point, score: Float, doubt: KeypointDoubt? = nil) {
    self.index = index
    self.position = position
    self.score = score
    self.doubt = doubt
  }
}

/// What a map says of the certainty of a peak, and what the weights' distribution says.
package struct KeypointDoubt: Hashable, Sendable {
  /// Entropy of the map as a distribution over its pixels, in bits.
  package var entropy: Float
  /// The second highest peak over the highest, 0...1; 0 if there is one peak alone.
  package var secondPeak: Float
  /// Root of the mean squared distance of the map's mass from the peak, pixels of the picture.
  package var spread: Float
  /// Mutual information of the pixel's label and the weights at the peak, in bits, 0...1; nil without a
  /// Bayesian branch.
  package var baldAtPeak: Float?
  /// The same as the mean over the pixels within three σ of the target's bump; likewise.
  package var baldAround: Float?

  /// What a map says.
  package init(
    entropy: Float, secondPeak: Float, spread: Float, baldAtPeak: Float? = nil,
    baldAround: Float? = nil
  ) {
    self.entropy = entropy
    self.secondPeak = secondPeak
    self.spread = spread
    self.baldAtPeak = baldAtPeak
    self.baldAround = baldAround
  }
}
