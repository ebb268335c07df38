/// Undoes the harmless mistakes of JPEG writers, so that what the decoder still warns of is serious.
///
/// The decoder names its first warning only. Behind stray bytes in front of a marker, an unknown JFIF
/// revision, a broken colour profile or a missing end marker, none of which costs a pixel, could hide
/// one that does.
enum JPEGMending {
  /// The bytes without such mistakes; nil if there are none or scans are missing at the end.
  static func mended(_ bytes: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = Array(bytes.prefix(2))
    var position = 2
    // Segments up to the first scan.
    while let marker = nextMarker(bytes, from: position) {
      guard let segment = segment(bytes, at: marker) else { return nil }
      if bytes[marker + 1] == 0xDA {
        position = marker
        break
      }
      result += harmless(Array(bytes[segment]))
      position = segment.upperBound
    }
    let scans = Scans(bytes, from: position)
    guard scans.hasBegun else { return nil }
    result += bytes[position..<scans.end]
    if !scans.hasEnd {
      guard scans.areComplete else { return nil }
      result += [0xFF, 0xD9]
    }
    return result == bytes ? nil : result
  }

  /// Where the next marker's 0xFF is; stray bytes in front of it are passed over.
  private static func nextMarker(_ bytes: [UInt8], from start: Int) -> Int? {
    var position = start
    while position + 1 < bytes.count {
      if bytes[position] == 0xFF, bytes[position + 1] != 0, bytes[position + 1] != 0xFF {
        return position
      }
      position += 1
    }
    return nil
  }

  /// A marker with its content.
  private static func segment(_ bytes: [UInt8], at marker: Int) -> Range<Int>? {
    guard marker + 4 <= bytes.count else { return nil }
    let length = Int(bytes[marker + 2]) << 8 | Int(bytes[marker + 3])
    let end = marker + 2 + length
    return length >= 2 && end <= bytes.count ? marker..<end : nil
  }

  /// A segment in a form that the decoder does not warn of and reads in the same way.
  private static func harmless(_ segment: [UInt8]) -> [UInt8] {
    var segment = segment
    let body = segment[4...]
    switch segment[1] {
    case 0xE0 where body.starts(with: Array("JFIF\0".utf8)) && segment.count > 9:
      segment[9] = 1
    case 0xE2 where body.starts(with: Array("ICC_PROFILE".utf8)):
      return []
    default: break
    }
    return segment
  }

  /// The scans of a JPEG and what they hold.
  private struct Scans {
    /// Whether there is at least one.
    private(set) var hasBegun = false
    /// Whether the marker of the end is there.
    private(set) var hasEnd = false
    /// Behind the end marker, or where the bytes end.
    private(set) var end: Int
    /// Coefficients of every component that are there in full, a bit each.
    private var covered: [UInt8: UInt64] = [:]
    private let components: [UInt8]

    /// Whether every coefficient of every component is there.
    var areComplete: Bool {
      !components.isEmpty && components.allSatisfy { covered[$0] == .max }
    }

    init(_ bytes: [UInt8], from start: Int) {
      components = Self.components(bytes)
      var position = start
      end = bytes.count
      while position + 1 < bytes.count {
        let code = bytes[position + 1]
        guard bytes[position] == 0xFF, code != 0, code != 0xFF, !(0xD0...0xD7).contains(code) else {
          position += 1
          continue
        }
        if code == 0xD9 {
          hasEnd = true
          end = position + 2
          return
        }
        guard let segment = segment(bytes, at: position) else { return }
        if code == 0xDA {
          hasBegun = true
          add(Array(bytes[segment]))
        }
        position = segment.upperBound
      }
      // Half of an end marker would be read as data.
      if bytes.last == 0xFF { end -= 1 }
    }

    private mutating func add(_ scan: [UInt8]) {
      let count = scan.count > 4 ? Int(scan[4]) : 0
      guard scan.count >= 8 + 2 * count else { return }
      let first = Int(scan[5 + 2 * count])
      let last = Int(scan[6 + 2 * count])
      guard first <= last, last < 64, scan[7 + 2 * count] & 15 == 0 else { return }
      for component in 0..<count {
        for coefficient in first...last {
          covered[scan[5 + 2 * component], default: 0] |= 1 << UInt64(coefficient)
        }
      }
    }

    /// The components that the frame announces.
    private static func components(_ bytes: [UInt8]) -> [UInt8] {
      var position = 2
      while let marker = nextMarker(bytes, from: position),
        let segment = segment(bytes, at: marker), bytes[marker + 1] != 0xDA
      {
        if [0xC0, 0xC1, 0xC2, 0xC9, 0xCA].contains(bytes[marker + 1]), segment.count >= 10 {
          let count = Int(bytes[marker + 9])
          guard segment.count >= 10 + 3 * count else { return [] }
          return (0..<count).map { bytes[marker + 10 + 3 * $0] }
        }
        position = segment.upperBound
      }
      return []
    }
  }
}
