/// What the target assignment asks of an anchor's objectness.
package enum AnchorState: UInt8, CaseIterable, Hashable, Sendable, Codable {
  /// There is no object for this anchor.
  case negative
  /// An object is assigned to this anchor.
  case positive
  /// It overlaps an object that belongs to another anchor: no loss.
  case ignored
}
