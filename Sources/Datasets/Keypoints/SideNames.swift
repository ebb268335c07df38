import Keypoints

/// Keypoints that change places in a mirrored picture, as their names tell: `left_eye` and `right_eye`,
/// `l_eye`, `eye_L`, `eyeL`, `LEye`, `Left eye`.
enum SideNames {
  /// A side, and the name with a mark in its place.
  private struct Reading: Hashable {
    let isLeft: Bool
    let rest: String
  }

  /// Pairs of indices, the left one first; a name that could belong to several pairs is in none.
  static func pairs(of names: [String]) -> [(Int, Int)] {
    var lefts: [String: [Int]] = [:]
    var rights: [String: [Int]] = [:]
    for (index, name) in names.enumerated() {
      guard let reading = reading(name) else { continue }
      if reading.isLeft {
        lefts[reading.rest, default: []].append(index)
      } else {
        rights[reading.rest, default: []].append(index)
      }
    }
    return lefts.compactMap { rest, left in
      guard let right = rights[rest], left.count == 1, right.count == 1 else { return nil }
      return (left[0], right[0])
    }.sorted { $0.0 < $1.0 }
  }

  /// What to say of pairs that were found this way; nil if there are none.
  static func note(of layout: KeypointLayout, file: String) -> DataProblem? {
    if layout.pairs.isEmpty { return nil }
    let pairs = layout.pairs.map { "\(layout.names[$0])/\(layout.names[$1])" }
    return DataProblem(
      file: file, kind: .guessedPairs,
      text: "\(pairs.count) by their names: \(pairs.joined(separator: ", "))")
  }

  private static func reading(_ name: String) -> Reading? {
    let words = words(name)
    let sides = words.indices.filter { side(words[$0]) != nil }
    // `left_to_right` names no side.
    guard sides.count == 1, let isLeft = side(words[sides[0]]), words.count > 1 else { return nil }
    var rest = words
    rest[sides[0]] = "*"
    return Reading(isLeft: isLeft, rest: rest.joined(separator: " "))
  }

  private static func side(_ word: String) -> Bool? {
    switch word {
    case "left", "l": true
    case "right", "r": false
    default: nil
    }
  }

  /// Words of a name, in lower case: apart by what is no letter or digit, by digits, and where a small
  /// letter meets a capital, or a capital another one with a small letter behind it.
  private static func words(_ name: String) -> [String] {
    var words: [String] = []
    var word = ""
    func finish() {
      if !word.isEmpty { words.append(word.lowercased()) }
      word = ""
    }
    let letters = Array(name)
    for (index, letter) in letters.enumerated() {
      guard letter.isLetter || letter.isNumber else {
        finish()
        continue
      }
      if index > 0, let last = word.last {
        let next = index + 1 < letters.count ? letters[index + 1] : " "
        let isHump =
          letter.isUppercase && (last.isLowercase || last.isUppercase && next.isLowercase)
        if isHump || letter.isNumber != last.isNumber { finish() }
      }
      word.append(letter)
    }
    finish()
    return words
  }
}
