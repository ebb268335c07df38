import Keypoints

/// Which side of a body a keypoint or a limb is of, and the colour for it.
enum KeypointSide: Hashable, CaseIterable {
  case left, right, middle

  /// Colours that stay apart on photos, also for those who confuse red and green.
  var color: Color {
    switch self {
    case .left: Color(hex: 0xFF8C1A)
    case .right: Color(hex: 0x1AA0FF)
    case .middle: Color(hex: 0xF5F03C)
    }
  }

  /// The sides of a layout's keypoints.
  ///
  /// Of a pair the left one is that whose name has an `l` where the names first differ and the other has
  /// an `r`; where names do not tell, the first one.
  static func sides(of layout: KeypointLayout) -> [KeypointSide] {
    var sides = [KeypointSide](repeating: .middle, count: layout.count)
    for (first, second) in layout.pairs {
      let isLeft = isLeft(layout.names[first], other: layout.names[second])
      sides[first] = isLeft ? .left : .right
      sides[second] = isLeft ? .right : .left
    }
    return sides
  }

  private static func isLeft(_ name: String, other: String) -> Bool {
    let difference = zip(name.lowercased(), other.lowercased()).first { $0 != $1 }
    return difference.map { $0.0 != "r" || $0.1 != "l" } ?? true
  }

  /// The side of a limb: that of its ends, or of the one that is not in the middle.
  static func side(_ first: KeypointSide, _ second: KeypointSide) -> KeypointSide {
    if first == second { return first }
    if first == .middle { return second }
    return second == .middle ? first : .middle
  }
}
