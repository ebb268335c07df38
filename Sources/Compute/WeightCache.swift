/// What a backend derives from weights that stay the same between calls, such as their Winograd
/// coefficients.
///
/// Whoever owns the weights keeps one beside them, hands it over with them, and drops it when they
/// change. Its contents belong to the backend.
package final class WeightCache {
  /// What was derived, by purpose and geometry.
  struct Key: Hashable {
    let purpose: String
    let geometry: ConvolutionGeometry
    let set: String
  }

  var entries: [Key: Buffer] = [:]

  /// An empty cache.
  package init() {}

  /// Forgets everything.
  package func removeAll() { entries.removeAll() }
}
