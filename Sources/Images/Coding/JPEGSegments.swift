/// The marker segments of a JPEG before its first scan.
struct JPEGSegments: Sequence, IteratorProtocol {
  /// A marker and where its content lies.
  struct Segment {
    let marker: UInt8
    let body: Range<Int>
  }

  private let bytes: [UInt8]
  private var position = 2

  init(_ jpeg: [UInt8]) { bytes = jpeg }

  mutating func next() -> Segment? {
    while position + 4 <= bytes.count, bytes[position] == 0xFF {
      let marker = bytes[position + 1]
      if marker == 0xFF {  // a fill byte
        position += 1
        continue
      }
      if marker == 0xDA || marker == 0xD9 { return nil }
      if marker == 0x01 || (0xD0...0xD8).contains(marker) {  // markers without a length
        position += 2
        continue
      }
      let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
      let end = position + 2 + length
      guard length >= 2, end <= bytes.count else { return nil }
      defer { position = end }
      return Segment(marker: marker, body: position + 4..<end)
    }
    return nil
  }
}
