/// How an image is brought to the network's input size.
package enum ResizeMode: String, Sendable, CaseIterable, Codable {
  /// Scaled with its aspect ratio kept and padded with zeros.
  case letterbox
  /// Scaled to the input size, each side by its own factor.
  case stretch
  /// The largest rectangle of the input's proportions in the middle, scaled to the input size: how
  /// classifiers are tested.
  case crop
}
