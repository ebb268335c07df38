package import Keypoints

/// Keypoints that rules of evaluation speak of, whatever a data set calls them.
///
/// Names are compared without case, spaces and signs: `left shoulder`, `left_shoulder`, `LShoulder` and
/// `lsho` are the same.
enum BodyPart: CaseIterable {
  case leftShoulder, rightHip, pelvis, thorax, neck, headTop

  /// What it is called, letters alone.
  private var spellings: [String] {
    switch self {
    case .leftShoulder: ["leftshoulder", "shoulderleft", "lshoulder", "shoulderl", "lsho"]
    case .rightHip: ["righthip", "hipright", "rhip", "hipr"]
    case .pelvis: ["pelvis", "pelv"]
    case .thorax: ["thorax", "thor"]
    case .neck: ["neck", "upperneck"]
    case .headTop: ["headtop", "topofhead", "tophead", "head"]
    }
  }

  /// Its index in a layout; nil: not there.
  func index(in layout: KeypointLayout) -> Int? {
    let names = layout.names.map { $0.lowercased().filter(\.isLetter) }
    return spellings.lazy.compactMap { names.firstIndex(of: $0) }.first
  }
}

extension KeypointLayout {
  /// A keypoint and its mirror image as one, or one on the axis alone.
  package struct Group: Hashable, Sendable {
    /// What both are called, without their sides.
    package let name: String
    /// One or two indices.
    package let members: [Int]
  }

  /// The keypoints, mirrored pairs together, in the order of their first members.
  package var groups: [Group] {
    names.indices.filter { partners[$0] >= $0 }.map { index in
      let partner = partners[index]
      return partner == index
        ? Group(name: names[index], members: [index])
        : Group(
          name: Self.common(names[index], names[partner]) ?? names[index] + " + " + names[partner],
          members: [index, partner])
    }
  }

  /// What two names share besides their sides; nil: nothing.
  private static func common(_ first: String, _ second: String) -> String? {
    for (side, other) in [("left", "right"), ("l", "r")] {
      for (a, b) in [(side, other), (other, side)] {
        for rest in [stripped(first, a)].compactMap({ $0 }) where stripped(second, b) == rest {
          return rest
        }
      }
    }
    return nil
  }

  /// A name without a side at its start or end; nil if it has none there or nothing else.
  private static func stripped(_ name: String, _ side: String) -> String? {
    let lower = name.lowercased()
    let rest: Substring
    if lower.hasPrefix(side) {
      rest = name.dropFirst(side.count)
    } else if lower.hasSuffix(side) {
      rest = name.dropLast(side.count)
    } else {
      return nil
    }
    let letters = rest.drop { !$0.isLetter && !$0.isNumber }
    let text = String(letters.reversed().drop { !$0.isLetter && !$0.isNumber }.reversed())
    return text.isEmpty ? nil : text
  }
}
