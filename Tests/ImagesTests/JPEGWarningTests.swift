import Foundation
import Images
import TestSupport
import Testing

/// JPEGs that the decoder warns of: used where all pixels are there, refused where some are missing.
@Suite struct JPEGWarningTests {
  private let image = noise(48, 32)

  private func bytes() throws -> [UInt8] { try image.jpegBytes(quality: 85) }

  /// Where the first marker of a kind is.
  private func marker(_ code: UInt8, in bytes: [UInt8]) throws -> Int {
    try #require((0..<bytes.count - 1).first { bytes[$0] == 0xFF && bytes[$0 + 1] == code })
  }

  private func expectUsed(_ damaged: [UInt8], like whole: [UInt8], notes: Bool = true) throws {
    let (image, note) = try Image.decodeNoting(damaged, file: "x")
    #expect(image == (try Image.decode(whole, file: "x")))
    #expect((note != nil) == notes, "\(note ?? "no note")")
    #expect(try Image.decodeHeader(damaged, file: "x").width == image.width)
  }

  private func expectRefused(_ damaged: [UInt8], _ what: String) {
    let text = message { _ = try Image.decode(damaged, file: "x") }
    #expect(text?.hasPrefix("x: truncated or corrupt JPEG: ") == true, "\(what): \(text ?? "read")")
  }

  @Test func usesWhatIsComplete() throws {
    let whole = try bytes()
    let table = try marker(0xDB, in: whole)
    try expectUsed(whole, like: whole, notes: false)
    try expectUsed(whole + [0, 0, 0, 7], like: whole, notes: false)
    try expectUsed(Array(whole.dropLast(2)), like: whole)
    try expectUsed(Array(whole.dropLast(1)), like: whole)
    let stray = Array(whole[..<table]) + [0, 1] + Array(whole[table...])
    try expectUsed(stray, like: whole)
    try expectUsed(Array(stray.dropLast(2)), like: whole)
    let surplus = [UInt8](repeating: 0, count: 40)
    try expectUsed(Array(whole.dropLast(2)) + surplus + [0xFF, 0xD9], like: whole)
    var revision = whole
    revision[try marker(0xE0, in: whole) + 9] = 3
    try expectUsed(revision, like: whole)
    try expectUsed(Array(revision.dropLast(2)), like: whole)
  }

  /// The decoder names its first warning only, behind which a missing half must not hide.
  @Test func refusesMissingPixelsBehindAHarmlessWarning() throws {
    let whole = try bytes()
    let table = try marker(0xDB, in: whole)
    let stray = Array(whole[..<table]) + [0, 1] + Array(whole[table...])
    var revision = whole
    revision[try marker(0xE0, in: whole) + 9] = 3
    for (what, damaged) in [("plain", whole), ("stray", stray), ("revision", revision)] {
      for missing in [12, 40, damaged.count / 2] {
        let part = Array(damaged.dropLast(missing))
        expectRefused(part, "\(what), \(missing) bytes less")
        expectRefused(part + [0xFF, 0xD9], "\(what), \(missing) bytes less before the end")
      }
    }
  }

  @Test func knowsWhichScansOfAProgressiveFileAreThere() throws {
    let whole = [UInt8](try Data(contentsOf: fixture("progressive.jpg")))
    try expectUsed(Array(whole.dropLast(2)), like: whole)
    // Between two scans nothing is odd but that the last ones are missing.
    let scans = (0..<whole.count - 1).filter { whole[$0] == 0xFF && whole[$0 + 1] == 0xDA }
    #expect(scans.count > 2)
    for scan in scans.dropFirst() {
      // Tables in front of a scan belong to it.
      expectRefused(Array(whole[..<scan]), "the scans in front of \(scan)")
    }
  }
}
