import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct NumPyFileTests {
  /// The file that numpy.save makes of the same array.
  @Test func equalsNumPy() throws {
    let reference = try Data(contentsOf: packageRoot.appending(path: "Tests/Golden/reference.npy"))
    let values: [Float] = [-0.5, -0.25, 0, 0.25, 0.5, .nan]
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a.npy").path
      try NumPyFile.write(values, shape: [1, 2, 3], to: path)
      #expect(try Data(contentsOf: URL(filePath: path)) == reference)
    }
  }

  /// Magic and version, length in little endian, dictionary, padding to 64, newline, values.
  @Test(arguments: [
    ([], "()", 1), ([0], "(0,)", 0), ([3], "(3,)", 3), ([2, 2], "(2, 2)", 4),
    ([13, 13, 3], "(13, 13, 3)", 507),
  ])
  func layout(_ shape: [Int], _ tuple: String, _ count: Int) {
    let values = randomValues(count)
    let bytes = NumPyFile.bytes(of: values, shape: shape)
    #expect(Array(bytes[..<8]) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0])
    let start = 10 + Int(bytes[8]) + 256 * Int(bytes[9])
    #expect(start % 64 == 0 && bytes.count == start + 4 * count)
    let header = String(decoding: bytes[10..<start], as: UTF8.self)
    #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': \(tuple), }"))
    #expect(header.hasSuffix("\n") && header.dropLast().last.map { $0 == " " || $0 == "}" } == true)
    let read = (0..<count).map { index in
      let place = start + 4 * index
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << (8 * $1) }
      return Float(bitPattern: bits)
    }
    #expect(read == values)
  }

  /// A header that fills a line of 64 bytes exactly gets no further one.
  @Test func manyDimensions() {
    for count in 0..<40 {
      let bytes = NumPyFile.bytes(of: [1], shape: [Int](repeating: 1, count: count))
      #expect((bytes.count - 4) % 64 == 0)
      #expect(bytes[bytes.count - 5] == 0x0A)
      let text = bytes[10..<bytes.count - 5].reversed().drop { $0 == 0x20 }
      #expect(bytes.count - 4 - (10 + text.count + 1) < 64)
    }
  }

  @Test func namesTheFileThatCannotBeWritten() {
    #expect(throws: FileError.self) {
      try NumPyFile.write([1], shape: [1], to: "/nonexistent/a.npy")
    }
  }
}
