/// Decodes uncompressed BMP of 1, 4, 8, 24 and 32 bits a pixel; other kinds are refused by name.
struct BMPDecoder {
  private let bytes: [UInt8]
  private let file: String
  private let width: Int
  private let height: Int
  /// Whether the first row of the file is the upper one.
  private let isTopDown: Bool
  private let bits: Int
  /// Where the pixels begin.
  private let start: Int
  /// Blue, green, red of every index, for up to 8 bits.
  private let palette: [UInt8]

  /// Reads the headers.
  ///
  /// - Throws: ``ImageError``.
  init(_ bytes: [UInt8], file: String) throws {
    func integer(_ offset: Int, _ count: Int) throws -> Int {
      guard offset + count <= bytes.count else {
        throw ImageError.corrupt(file: file, format: "BMP", reason: "no complete header")
      }
      return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    self.bytes = bytes
    self.file = file
    start = try integer(10, 4)
    let headerSize = try integer(14, 4)
    // OS/2's first version counts in 16 bits and has 3 bytes a colour.
    let isOld = headerSize == 12
    guard isOld || headerSize >= 40 else {
      throw ImageError.unsupported(file: file, what: "a BMP with a header of \(headerSize) bytes")
    }
    width = isOld ? try integer(18, 2) : Int(Int32(truncatingIfNeeded: try integer(18, 4)))
    let rows = isOld ? try integer(20, 2) : Int(Int32(truncatingIfNeeded: try integer(22, 4)))
    isTopDown = rows < 0
    height = abs(rows)
    bits = try integer(isOld ? 24 : 28, 2)
    let compression = isOld ? 0 : try integer(30, 4)
    guard width > 0, height > 0 else {
      throw ImageError.corrupt(file: file, format: "BMP", reason: "the header says no pixels")
    }
    // Masks (3) are common with 32 bits, where they say the usual order.
    let masks = compression == 3 ? try (0..<3).map { try integer(54 + 4 * $0, 4) } : []
    let hasUsualMasks = bits == 32 && masks == [0xFF0000, 0xFF00, 0xFF]
    guard compression == 0 || hasUsualMasks else {
      let names = [1: "run-length coded", 2: "run-length coded", 3: "masked", 4: "JPEG", 5: "PNG"]
      throw ImageError.unsupported(
        file: file, what: "a \(names[compression] ?? "compressed") BMP of \(bits) bits a pixel")
    }
    guard [1, 4, 8, 24, 32].contains(bits) else {
      throw ImageError.unsupported(file: file, what: "a BMP of \(bits) bits a pixel")
    }
    guard bits <= 8 else {
      palette = []
      return
    }
    let used = isOld ? 0 : try integer(46, 4)
    let step = isOld ? 3 : 4
    let first = 14 + headerSize
    let count = used > 0 && used <= 1 << bits ? used : 1 << bits
    let available = max(0, min(count, (min(start, bytes.count) - first) / step))
    palette = (0..<available).flatMap { bytes[first + step * $0..<first + step * $0 + 3] }
  }

  var header: ImageHeader {
    ImageHeader(format: .bmp, width: width, height: height, orientation: 1, channels: 3)
  }

  func decode() throws -> Image {
    let stride = (width * bits + 31) / 32 * 4
    guard start >= 0, start + stride * height <= bytes.count else {
      throw ImageError.corrupt(
        file: file, format: "BMP",
        reason: "\(max(0, bytes.count - start)) of \(stride * height) bytes are there")
    }
    var image = Image(width: width, height: height)
    for y in 0..<height {
      let row = start + stride * (isTopDown ? y : height - 1 - y)
      for x in 0..<width {
        let target = 3 * (y * width + x)
        guard bits <= 8 else {
          let source = row + x * bits / 8
          for c in 0..<3 { image.pixels[target + c] = bytes[source + 2 - c] }
          continue
        }
        let byte = bytes[row + x * bits / 8]
        let index = Int(byte) >> (8 - bits - x * bits % 8) & (1 << bits - 1)
        guard 3 * index + 2 < palette.count else {
          throw ImageError.corrupt(
            file: file, format: "BMP", reason: "colour \(index) is not in the palette")
        }
        for c in 0..<3 { image.pixels[target + c] = palette[3 * index + 2 - c] }
      }
    }
    return image
  }
}
