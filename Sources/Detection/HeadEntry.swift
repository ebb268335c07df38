/// Where the numbers of one anchor are among a head's channels: x, y, width, height, objectness, then
/// one for each class.
package enum HeadEntry {
  /// The centre's place in its cell, to the right.
  package static let x = 0
  /// The centre's place in its cell, down.
  package static let y = 1
  /// The logarithm of the width in anchors.
  package static let width = 2
  /// The logarithm of the height in anchors.
  package static let height = 3
  /// The objectness.
  package static let objectness = 4
  /// The first class.
  package static let firstClass = 5

  /// Channels of one anchor.
  package static func count(classCount: Int) -> Int { firstClass + classCount }
}
