/// What is known of the chance that a detection is right, fitted to images with objects.
package struct DetectionProbability: Hashable, Sendable, Codable {
  /// That it finds an object of its class that nothing more confident has found, 0...1.
  package var right: Float
  /// That its box lies on an object of any class with the IoU asked for, 0...1.
  package var placed: Float
  /// That its class is the object's, if it lies on one, 0...1.
  package var classRight: Float
  /// Its IoU with the object, 0 counted where it is not right: what `LaECE` holds a confidence against, 0...1.
  package var quality: Float

  /// Probabilities.
  package init(right: Float, placed: Float, classRight: Float, quality: Float) {
    self.right = right
    self.placed = placed
    self.classRight = classRight
    self.quality = quality
  }

  /// Whether all are in 0...1.
  package var isValid: Bool {
    [right, placed, classRight, quality].allSatisfy { (0...1).contains($0) }
  }
}
