/// A 64-bit fingerprint of a picture that survives resizing, recompression and small changes of
/// brightness: the difference hash.
///
/// The grey picture (Rec601) is reduced to 9 × 8 means over cells; each bit says whether a cell is
/// darker than its right neighbour. Sums are whole numbers, so the bits are the same everywhere. A
/// flat picture has no set bit, whatever its colour.
package struct DifferenceHash: Hashable, Sendable, CustomStringConvertible {
  /// The bits, row by row from the top left, which is the highest.
  package let bits: UInt64

  private static let columns = 9
  private static let rows = 8

  /// A fingerprint that is known.
  package init(bits: UInt64) { self.bits = bits }

  /// The fingerprint of a picture of any size.
  package init(_ image: Image) {
    let columns = Self.bounds(image.width, parts: Self.columns)
    let rows = Self.bounds(image.height, parts: Self.rows)
    var bits: UInt64 = 0
    image.pixels.withUnsafeBufferPointer { pixels in
      for row in rows {
        let sums = columns.map { Self.sum(pixels, width: image.width, columns: $0, rows: row) }
        for index in 1..<sums.count {
          // Means are compared by cross-multiplication; the rows of both cells are the same.
          let isDarker =
            sums[index - 1] * columns[index].count < sums[index] * columns[index - 1].count
          bits = bits << 1 | (isDarker ? 1 : 0)
        }
      }
    }
    self.bits = bits
  }

  /// The number of bits that differ, 0...64.
  package func distance(to other: DifferenceHash) -> Int { (bits ^ other.bits).nonzeroBitCount }

  /// Sixteen hexadecimal digits.
  package var description: String {
    let digits = String(bits, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Nearly equal parts of `count` pixels, none empty; parts of fewer pixels than parts share some.
  private static func bounds(_ count: Int, parts: Int) -> [Range<Int>] {
    (0..<parts).map { part in
      let start = part * count / parts
      return start..<max(start + 1, (part + 1) * count / parts)
    }
  }

  /// A thousand times the sum of the grey values of a cell.
  private static func sum(
    _ pixels: UnsafeBufferPointer<UInt8>, width: Int, columns: Range<Int>, rows: Range<Int>
  ) -> Int {
    var sum = 0
    for y in rows {
      for x in columns {
        let i = 3 * (y * width + x)
        sum += 299 * Int(pixels[i]) + 587 * Int(pixels[i + 1]) + 114 * Int(pixels[i + 2])
      }
    }
    return sum
  }
}
