import Foundation
import Testing

/// Images of unusual shapes are images.
@Suite struct ImageSizeTests {
  @Test(arguments: [(1, 1), (10_000, 50), (50, 10_000)], ["letterbox", "stretch"])
  func extremeSizesWork(_ size: (width: Int, height: Int), _ resize: String) throws {
    try Fixture.use { detector in
      try detector.write(bitmap(width: size.width, height: size.height), to: "a.png")
      let outcome = try detector(
        "detect", "a.png", "--run", "run", "--resize", resize, "--confidence", "0.001", "--json",
        "d.json", "--out", "out")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let image = try #require((try detector.json("d.json")["images"] as? [[String: Any]])?.first)
      #expect(image["width"] as? Int == size.width && image["height"] as? Int == size.height)
      for detection in try #require(image["detections"] as? [[String: Any]]) {
        let box = try #require(detection["box"] as? [Double])
        #expect(box.count == 4 && box[2] > 0 && box[3] > 0)
      }
      // The picture has the size of the image: bytes 16 to 23 of a PNG.
      let header = try detector.bytes("out/a.png").prefix(24)
      #expect(
        header.suffix(8) == (bitmap(width: size.width, height: size.height).prefix(24)).suffix(8))
    }
  }

  /// A black PNG of one bit a pixel, in stored (uncompressed) blocks.
  private func bitmap(width: Int, height: Int) -> Data {
    func bigEndian(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }
    func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
      let body = Array(name.utf8) + content
      var crc: UInt32 = .max
      for byte in body {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
      }
      return bigEndian(content.count) + body + bigEndian(Int(~crc))
    }
    let raw = [UInt8](repeating: 0, count: ((width + 7) / 8 + 1) * height)
    var stream: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: raw.count, by: 65535) {
      let block = raw[start..<min(start + 65535, raw.count)]
      let count = block.count
      stream += [start + count == raw.count ? 1 : 0, UInt8(count & 255), UInt8(count >> 8)]
      stream += [UInt8(~count & 255), UInt8(~count >> 8 & 255)]
      stream += block
    }
    // Adler-32 of zeros: 1 in the low half, their number in the high one.
    stream += bigEndian((raw.count % 65521) << 16 | 1)
    let header = bigEndian(width) + bigEndian(height) + [1, 0, 0, 0, 0]
    return Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) + Data(chunk("IHDR", header))
      + Data(chunk("IDAT", stream)) + Data(chunk("IEND", []))
  }
}
