/// How a layer takes part in training.
package struct LayerTraining: Sendable, Equatable {
  /// Factor on the learning rate.
  package var rateFactor: Float = 1
  /// Iterations at the beginning in which the parameters stay as they are.
  ///
  /// `Int.max`: for good.
  package var heldIterations = 0
  /// Iterations at the beginning in which no gradient comes to the layer, and its parameters stay.
  ///
  /// `Int.max`: for good. Layers before one that is closed are closed too.
  package var closedIterations = 0
  /// Whether the layer computes as in inference, with rolling statistics that stay as they are; only
  /// where it is closed for all iterations.
  package var isFrozen = false

  /// Updates after which every layer takes part that ever does.
  package static let longRun = Int.max - 1

  /// A layer that learns as any other.
  package init() {}

  /// The factor on the learning rate after `iteration` updates; nil: the parameters stay.
  package func rateFactor(at iteration: Int) -> Float? {
    held > iteration || held == .max ? nil : rateFactor
  }

  /// How often the parameters have changed after `iteration` updates.
  package func updates(at iteration: Int) -> Int { max(0, iteration - held) }

  private var held: Int { max(heldIterations, closedIterations) }
}
