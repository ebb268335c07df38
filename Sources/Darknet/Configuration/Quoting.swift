/// At most 40 characters of user text, without control characters, for an error message.
func quoted(_ text: String) -> String {
  let printable = text.unicodeScalars.prefix(40).map { scalar -> String in
    scalar.value < 32 || scalar.value == 127 ? "?" : String(scalar)
  }
  return printable.joined() + (text.unicodeScalars.count > 40 ? "…" : "")
}

/// The candidate with the fewest edits to `word`, if they are few for its length.
func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
  var best: (word: String, distance: Int)?
  for candidate in candidates.sorted() {
    let distance = editDistance(word, candidate)
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  guard let best, best.distance <= max(1, min(word.utf8.count, best.word.utf8.count) / 3) else {
    return nil
  }
  return best.word
}

/// The least number of inserted, deleted, replaced or swapped neighbouring bytes between two words.
func editDistance(_ first: String, _ second: String) -> Int {
  let a = Array(first.utf8.prefix(64))
  let b = Array(second.utf8.prefix(64))
  if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 1...a.count {
    var row = [i] + [Int](repeating: 0, count: b.count)
    for j in 1...b.count {
      let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      row[j] = min(last[j] + 1, row[j - 1] + 1, replaced)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        row[j] = min(row[j], beforeLast[j - 2] + 1)
      }
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}
