import Datasets
import Foundation
import Geometry
import TestSupport
import Testing

/// Annotations as tools write them in all the world, and as they are not to be read.
@Suite struct AnnotationEncodingTests {
  private func text(_ name: String, declaring encoding: String?) -> String {
    let head = encoding.map { "<?xml version=\"1.0\" encoding=\"\($0)\"?>\n" } ?? ""
    return head + """
      <annotation>
      <filename>x.jpg</filename>
      <object><name>\(name)</name>
      <bndbox><xmin>3</xmin><ymin>4</ymin><xmax>9</xmax><ymax>12</ymax></bndbox></object>
      </annotation>
      """
  }

  private func parse(_ bytes: some Sequence<UInt8>) throws -> VOCAnnotation {
    try VOCAnnotation.parse(Foundation.Data(bytes), file: "a.xml")
  }

  private func utf16(_ text: String, bigEndian: Bool, mark: Bool) -> [UInt8] {
    ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { unit in
      let pair = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
      return bigEndian ? pair : pair.reversed()
    }
  }

  /// `text` with the letters "NAME" replaced by bytes.
  private func bytes(_ declared: String?, name: [UInt8]) -> [UInt8] {
    let parts = text("NAME", declaring: declared).components(separatedBy: "NAME")
    return Array(parts[0].utf8) + name + Array(parts[1].utf8)
  }

  @Test(arguments: [nil, "utf-8", "UTF-16", "utf-16le"])
  func readsUnicode(declared: String?) throws {
    let text = text("犬 é", declaring: declared)
    var variants: [[UInt8]] = [Array(text.utf8), [0xEF, 0xBB, 0xBF] + Array(text.utf8)]
    for bigEndian in [false, true] {
      variants += [false, true].map { utf16(text, bigEndian: bigEndian, mark: $0) }
    }
    for variant in variants {
      let read = try parse(variant)
      #expect(read.objects.map(\.name) == ["犬 é"])
      #expect(read.objects.first?.line == (declared == nil ? 3 : 4))
      #expect(read.problems.isEmpty)
    }
  }

  @Test(
    arguments: [
      ("GBK", [0xC8, 0xAE], "犬"), ("gb2312", [0xC8, 0xAE], "犬"),
      ("gb18030", [0xC8, 0xAE, 0x81, 0x30, 0x81, 0x30], "犬\u{80}"),
      ("ISO-8859-1", [0x48, 0xFC, 0x80], "Hü\u{80}"), ("windows-1252", [0x48, 0xFC, 0x80], "Hü€"),
      ("Big5", [0xA4, 0xFD], "王"), ("Shift_JIS", [0x8C, 0xA2], "犬"),
      ("euc-kr", [0xB0, 0xB3], "개"), ("koi8-r", [0xD0, 0xC5, 0xD3], "пес"),
    ] as [(String, [UInt8], String)])
  func readsDeclaredEncodings(declared: String, name: [UInt8], expected: String) throws {
    let read = try parse(bytes(declared, name: name))
    #expect(read.objects.map(\.name) == [expected])
    #expect(read.problems.isEmpty)
  }

  @Test func guessesAloud() throws {
    func guess(_ declared: String?, _ name: [UInt8]) throws -> (String?, [String]) {
      let read = try parse(bytes(declared, name: name))
      #expect(read.problems.allSatisfy { $0.kind == .guessedEncoding && $0.kind.isNote })
      return (read.objects.first?.name, read.problems.map(\.text))
    }
    #expect(
      try guess(nil, [0x48, 0xFC])
        == ("Hü", ["line 3 is not UTF-8 and no encoding is declared; read as Latin-1"]))
    #expect(
      try guess("martian", [0xC3, 0xBC])
        == ("ü", ["the encoding 'martian' is not known; read as UTF-8"]))
    #expect(
      try guess("us-ascii", [0xC3, 0xBC])
        == ("ü", ["us-ascii is declared, but it is UTF-8; read as that"]))
  }

  @Test func namesTheLineOfWrongBytes() throws {
    func error(_ declared: String?, _ name: [UInt8]) -> String? {
      message { _ = try parse(bytes(declared, name: name)) }
    }
    #expect(error("utf-8", [0xFC]) == "a.xml:4: bytes that are not UTF-8")
    #expect(error("GBK", [0xFF]) == "a.xml:4: bytes that are not GBK, the declared encoding")
    #expect(error("martian", [0xFF]) == "a.xml:1: the encoding 'martian' is not known")
    #expect(error("utf-8//IGNORE", [0xFF]) == "a.xml:1: the encoding 'utf-8//IGNORE' is not known")
    let cut = utf16(text("犬", declaring: nil), bigEndian: false, mark: true).dropLast()
    #expect(
      message { _ = try parse(cut) } == "a.xml:5: the UTF-16 ends inside a letter: cut off")
    // Foundation's parser ended the program here.
    let name = Array("<annotation>\n<own".utf8) + [0xE6, 0xF1, 0xCB] + Array("er>\n</owner>".utf8)
    #expect(
      message { _ = try parse(name) }?.hasPrefix("a.xml:3: broken or cut-off XML inside") == true)
  }

  @Test func bombsAreNotOpened() throws {
    var text = "<!DOCTYPE annotation [<!ENTITY e0 \"eeeeeeeeee\">"
    for level in 1...9 {
      let inner = String(repeating: "&e\(level - 1);", count: 10)
      text += "<!ENTITY e\(level) \"\(inner)\">"
    }
    text += "]>\n<annotation><filename>&e9;</filename></annotation>"
    let refused = try #require(message { _ = try parse(text.utf8) })
    #expect(refused.contains("amplification"), "\(refused)")
    let outside = """
      <!DOCTYPE annotation [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
      <annotation><filename>a&secret;</filename></annotation>
      """
    #expect(try parse(outside.utf8).filename == "a")
    let deep = String(repeating: "<a>", count: 100_000)
    let cut = try #require(message { _ = try parse("<annotation>\(deep)".utf8) })
    #expect(cut.utf8.count < 200, "\(cut.count)")
  }

  @Test func filesThatAreNoneAreRefused() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "a.xml")
      #expect(mkfifo(file.path, 0o600) == 0)
      #expect(message { _ = try VOCAnnotation.read(file) } == "\(file.path): not a regular file")
      let huge = folder.appending(path: "b.xml")
      try folder.write("b.xml", "")
      #expect(truncate(huge.path, 40 << 20) == 0)
      #expect(
        message { _ = try VOCAnnotation.read(huge) }
          == "\(huge.path): 40 MiB are too much for an annotation (at most 32 MiB)")
    }
  }

  /// Mutants of an annotation in every encoding are read or refused with a line; nothing crashes.
  @Test(arguments: 0..<8)
  func mutantsDoNoHarm(variant: Int) throws {
    let base = annotation("x.jpg", [("dög", [1, 1, 5, 5]), ("cat", [2, 2, 9, 9])])
    let plain = Array(base.utf8)
    let declared = Array("<?xml version=\"1.0\" encoding=\"gbk\"?>\n".utf8) + plain
    let original: [UInt8] =
      switch variant {
      case 0: plain
      case 1: [0xEF, 0xBB, 0xBF] + plain
      case 2...5: utf16(base, bigEndian: variant % 2 == 1, mark: variant < 4)
      case 6: declared
      default: Array("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n".utf8) + plain
      }
    var random = SeededGenerator(seed: UInt64(variant) &+ 1)
    for round in 0..<150 {
      var bytes = original
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0..<max(1, bytes.count), using: &random)
        guard place < bytes.count else { continue }
        let end = min(bytes.count, place + Int.random(in: 1..<40, using: &random))
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4:
          bytes.insert(
            contentsOf: (0..<3).map { _ in UInt8.random(in: .min ... .max, using: &random) },
            at: place)
        default: bytes.removeSubrange(place...)
        }
      }
      do {
        let read = try parse(bytes)
        #expect(read.objects.count <= 8, "round \(round)")
      } catch let error as DataError {
        #expect("\(error)".hasPrefix("a.xml:"), "round \(round): \(error)")
        #expect(!"\(error)".contains("\n"), "round \(round): \(error)")
      }
    }
  }
}

/// A small generator (SplitMix64), the same on every machine.
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
