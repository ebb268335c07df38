/// How pictures with keypoints are varied in training besides mirroring and colours.
package struct TurnConfiguration: Sendable, Equatable {
  /// Standard deviation of the size's logarithm to base 2 (`zoom`).
  package let zoom: Float
  /// Standard deviation of the rotation, degrees (`angle`).
  package let angle: Float
  /// The share of pictures that are turned (`turned`).
  package let turnedShare: Float
  /// Largest move as a share of the sides (`shift`).
  package let shift: Float

  /// What `[net]` says; nil if it says nothing of it.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  init?(_ net: ConfigurationSection) throws(DarknetError) {
    zoom = try net.number("zoom", default: 0, in: 0...2)
    angle = try net.number("angle", default: 0, in: 0...180)
    turnedShare = try net.number("turned", default: 1, in: 0...1)
    shift = try net.number("shift", default: 0, in: 0...1)
    if zoom == 0, shift == 0, angle == 0 || turnedShare == 0 { return nil }
  }
}
