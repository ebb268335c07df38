/// Stops a run whose numbers have become NaN or infinite, and says where.
package struct NonFiniteGuard: Sendable {
  /// The iteration under way.
  package let iteration: Int
  /// Files of the images that it learns from.
  package let images: [String]

  /// A guard for one iteration.
  package init(iteration: Int, images: [String]) {
    self.iteration = iteration
    self.images = images
  }

  /// Checks a loss, a gradient norm or anything else that must be finite.
  ///
  /// - Throws: ``TrainingError/notFinite(quantity:iteration:images:)``.
  package func check(_ value: Double, _ quantity: String) throws {
    guard value.isFinite else {
      throw TrainingError.notFinite(quantity: quantity, iteration: iteration, images: images)
    }
  }
}
