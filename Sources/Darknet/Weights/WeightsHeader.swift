import Foundation

/// The beginning of a Darknet weights file: three 32-bit version numbers and the images seen.
package struct WeightsHeader: Sendable, Equatable {
  /// First version number; above 1000 connected weights are transposed.
  package var major: Int32
  /// Second version number.
  package var minor: Int32
  /// Third version number.
  package var revision: Int32
  /// Images that training has seen.
  package var seen: UInt64

  /// The header that this tool writes, 0.2.5.
  package init(major: Int32 = 0, minor: Int32 = 2, revision: Int32 = 5, seen: UInt64 = 0) {
    self.major = major
    self.minor = minor
    self.revision = revision
    self.seen = seen
  }

  /// Whether `seen` has 8 bytes, as since version 0.2; before, it has 4.
  package var hasLongCounter: Bool {
    Int(major) * 10 + Int(minor) >= 2 && major < 1000 && minor < 1000
  }

  /// 20 or 16.
  package var byteCount: Int { hasLongCounter ? 20 : 16 }

  /// Whether connected weights are stored as [inputs][outputs].
  package var isTransposed: Bool { major > 1000 || minor > 1000 }

  /// The header at the beginning of a file; nil if its bytes cannot be one.
  init?(_ data: Data) {
    guard data.count >= 16 else { return nil }
    func word(_ index: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(data[data.startIndex + 4 * index + $1]) << (8 * UInt32($1)) }
    }
    self.init(
      major: Int32(bitPattern: word(0)), minor: Int32(bitPattern: word(1)),
      revision: Int32(bitPattern: word(2)), seen: UInt64(word(3)))
    // Transposed files have 1000 added; nothing else was ever near these bounds.
    let versions = 0...1100
    guard versions.contains(Int(major)), versions.contains(Int(minor)),
      (0...100_000).contains(Int(revision)), data.count >= byteCount
    else { return nil }
    if hasLongCounter { seen |= UInt64(word(4)) << 32 }
  }

  /// Little-endian.
  var data: Data {
    var data = Data()
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }
    append(major)
    append(minor)
    append(revision)
    if hasLongCounter { append(seen) } else { append(UInt32(clamping: seen)) }
    return data
  }
}
