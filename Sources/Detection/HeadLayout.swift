/// Where the numbers of one anchor are among the channels of a kind of head.
package struct HeadLayout: Hashable, Sendable {
  /// The centre's place in its cell, to the right.
  package let x: Int
  /// The centre's place in its cell, down.
  package let y: Int
  /// The width in anchors.
  package let width: Int
  /// The height in anchors.
  package let height: Int
  /// The objectness.
  package let objectness: Int
  /// What a `[Gaussian_yolo]` calls the deviations of x, y, width and height; none in other heads.
  package let deviations: [Int]

  /// x, y, width, height, objectness, then the classes: ``HeadEntry``.
  package static let plain = HeadLayout(
    x: HeadEntry.x, y: HeadEntry.y, width: HeadEntry.width, height: HeadEntry.height,
    objectness: HeadEntry.objectness, deviations: [])

  /// Each of x, y, width and height with its deviation behind it, objectness, then the classes.
  package static let gaussian = HeadLayout(
    x: 0, y: 2, width: 4, height: 6, objectness: 8, deviations: [1, 3, 5, 7])

  /// The first class.
  package var firstClass: Int { objectness + 1 }

  /// Channels of one anchor.
  package func count(classCount: Int) -> Int { firstClass + classCount }
}
