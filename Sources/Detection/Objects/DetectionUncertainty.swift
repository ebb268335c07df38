/// What a Bayesian objectness branch says about one detection.
///
/// The branch gives the objectness logit of a box as a normal variable; these numbers describe it and
/// what follows from it.
package struct DetectionUncertainty: Hashable, Sendable, Codable {
  /// Mutual information of the objectness and the branch's weights in bits, 0...1: what the model
  /// does not know.
  package var bald: Float
  /// Entropy of the mean objectness in bits, 0...1: everything that is uncertain about it.
  package var entropy: Float
  /// μ: mean of the objectness logit.
  package var objectnessMean: Float
  /// σ²: variance of the objectness logit, ≥ 0.
  package var objectnessVariance: Float

  /// The numbers of one detection.
  package init(bald: Float, entropy: Float, objectnessMean: Float, objectnessVariance: Float) {
    self.bald = bald
    self.entropy = entropy
    self.objectnessMean = objectnessMean
    self.objectnessVariance = objectnessVariance
  }

  /// Whether none of the numbers is NaN or infinite.
  package var isFinite: Bool {
    bald.isFinite && entropy.isFinite && objectnessMean.isFinite && objectnessVariance.isFinite
  }
}
