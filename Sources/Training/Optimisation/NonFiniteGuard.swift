/// Stops a run whose numbers have become NaN or infinite, and says where.
public struct NonFiniteGuard: Sendable {
  /// The iteration under way.
  public let iteration: Int
  /// Files of the images that it learns from.
  public let images: [String]

  /// A guard for one iteration.
  public init(iteration: Int, images: [String]) {
    self.iteration = iteration
    self.images = images
  }

  /// Checks a loss, a gradient norm or anything else that must be finite.
  ///
  /// - Throws: ``TrainingError/notFinite(quantity:iteration:images:)``.
  public func check(_ value: Double, _ quantity: String) throws {
    guard value.isFinite else {
      throw TrainingError.notFinite(quantity: quantity, iteration: iteration, images: images)
    }
  }
}
