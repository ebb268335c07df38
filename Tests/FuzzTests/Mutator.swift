import Foundation
import TestSupport

/// Changes the bytes of files in the ways that break readers.
struct Mutator {
  private var generator: SystemRandomNumberGeneratorWithSeed

  init(seed: UInt64) { generator = SystemRandomNumberGeneratorWithSeed(seed: seed) }

  private static let numbers = [
    "0", "-1", "1", "2147483647", "2147483648", "-9223372036854775808", "9223372036854775807",
    "18446744073709551616", "1e9", "1e308", "1e999", "-1e-999", "nan", "inf", "0x10", "1.5", "007",
    "16777217", ".", "-", "+1", "1_000",
  ]
  private static let signs: [[UInt8]] =
    [
      "{", "}", "[", "]", "\"", "'", ":", ",", ";", "#", "=", "<", ">", "&", "\\", "/", "..", "%",
      "\n", "\r", "\r\n", "\t", " ", "\u{301}", "\u{FEFF}", "\u{2028}", "\\u", "\\ud800", "null",
      "true", "<<", "- ", "| ", "&a", "*a", "自",
    ].map { Array($0.utf8) } + [[0], [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xFF, 0xFE]]

  /// A mutant of one file of a corpus: one to four changes.
  mutating func mutant(of corpus: [[UInt8]]) -> [UInt8] {
    var bytes = corpus[below(corpus.count)]
    for _ in 0...below(4) { change(&bytes, corpus) }
    return bytes
  }

  private mutating func below(_ bound: Int) -> Int {
    bound < 2 ? 0 : Int.random(in: 0..<bound, using: &generator)
  }

  private mutating func range(in bytes: [UInt8], upTo length: Int) -> Range<Int> {
    let start = below(bytes.count + 1)
    return start..<min(bytes.count, start + 1 + below(length))
  }

  private mutating func change(_ bytes: inout [UInt8], _ corpus: [[UInt8]]) {
    switch below(11) {
    case 0: bytes.removeLast(below(bytes.count + 1))
    case 1: bytes.removeSubrange(range(in: bytes, upTo: 40))
    case 2:
      for _ in 0...below(4) where !bytes.isEmpty { bytes[below(bytes.count)] = UInt8(below(256)) }
    case 3: if !bytes.isEmpty { bytes[below(bytes.count)] ^= 1 << UInt8(below(8)) }
    case 4:
      bytes.insert(contentsOf: Self.signs[below(Self.signs.count)], at: below(bytes.count + 1))
    case 5, 6:
      let digits = number(in: bytes)
      bytes.replaceSubrange(digits, with: Array(Self.numbers[below(Self.numbers.count)].utf8))
    case 7:
      // A part again, elsewhere.
      let part = Array(bytes[range(in: bytes, upTo: 200)])
      bytes.insert(contentsOf: part, at: below(bytes.count + 1))
    case 8:
      let other = corpus[below(corpus.count)]
      let part = Array(other[range(in: other, upTo: 200)])
      bytes.replaceSubrange(range(in: bytes, upTo: 200), with: part)
    case 9:
      // Depth and length: a sign, or a part, very often.
      let part =
        below(2) == 0
        ? Self.signs[below(Self.signs.count)] : Array(bytes[range(in: bytes, upTo: 8)])
      let times = [10, 300, 3000, 20_000][below(4)]
      bytes.insert(
        contentsOf: Array(repeatElement(part, count: times).joined()), at: below(bytes.count + 1))
    default:
      // Two lines change places.
      var lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
      lines.swapAt(below(lines.count), below(lines.count))
      bytes = Array(lines.joined(separator: [10]))
    }
  }

  /// Where a run of digits begins and ends, empty if there is none after some place.
  private mutating func number(in bytes: [UInt8]) -> Range<Int> {
    let place = below(bytes.count + 1)
    let isDigit: (UInt8) -> Bool = { (48...57).contains($0) }
    guard let start = bytes[place...].firstIndex(where: isDigit) else { return place..<place }
    return start..<(bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count)
  }
}
