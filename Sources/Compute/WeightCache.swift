/// What a backend derives from weights that stay the same between calls, such as their Winograd
/// coefficients.
///
/// Whoever owns the weights keeps one beside them, hands it over with them, and drops its contents
/// when they change.
package final class WeightCache {
  /// Whatever the backend keeps here.
  package var contents: AnyObject?

  /// An empty cache.
  package init() {}

  /// Forgets everything.
  package func removeAll() { contents = nil }
}
