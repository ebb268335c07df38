import Foundation
import TestSupport
import Testing
import Training

/// Headers that are JSON but lie.
@Suite struct SafetensorsHeaderTests {
  static func tensor(
    _ dtype: String = "\"F32\"", shape: String = "[2]", offsets: String = "[0,8]"
  ) -> String {
    "{\"dtype\":\(dtype),\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  static let lies: [(header: String, tensor: String?, reason: String)] = [
    ("[1]", nil, "its header is not a JSON object"),
    ("{\"a\":", nil, "its header is not valid JSON"),
    ("{\"a\":1}", "a", "has a dtype, shape or data_offsets of the wrong type"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", "a", "has no data_offsets"),
    ("{\"a\":\(tensor("\"F99\""))}", "a", "has the unknown element type F99"),
    ("{\"a\":\(tensor("4"))}", "a", "has a dtype, shape or data_offsets of the wrong type"),
    ("{\"a\":\(tensor(shape: "[3]"))}", "a", "has 8 bytes, its shape [3] needs 12"),
    ("{\"a\":\(tensor(shape: "[-2]"))}", "a", "has the impossible shape [-2]"),
    (
      "{\"a\":\(tensor(shape: "[4294967296,4294967296]"))}", "a",
      "has the impossible shape [4294967296, 4294967296]"
    ),
    (
      "{\"a\":\(tensor(shape: "[1.5]"))}", "a",
      "has a dtype, shape or data_offsets of the wrong type"
    ),
    ("{\"a\":\(tensor(offsets: "[8,0]"))}", "a", "has the impossible data_offsets [8, 0]"),
    ("{\"a\":\(tensor(offsets: "[0]"))}", "a", "has the impossible data_offsets [0]"),
    ("{\"a\":\(tensor(offsets: "[-8,0]"))}", "a", "has the impossible data_offsets [-8, 0]"),
    ("{\"a\":\(tensor(offsets: "[4,12]"))}", "a", "follows a gap"),
    (
      "{\"a\":\(tensor(shape: "[4]", offsets: "[0,16]"))}", "a",
      "ends 8 bytes behind the end of the file, which is cut short"
    ),
    ("{\"a\":\(tensor()),\"b\":\(tensor())}", "b", "overlaps the one before it"),
    ("{\"a\":\(tensor(shape: "[1]", offsets: "[0,4]"))}", nil, "4 bytes after the last tensor"),
    ("{\"__metadata__\":{\"x\":1}}", "__metadata__", "must hold strings only"),
    ("{\"a\\nb\":{\"dtype\":\"F32\",\"shape\":[2]}}", "a\nb", "has no data_offsets"),
  ]

  @Test(arguments: lies.indices)
  func refuses(_ index: Int) throws {
    let lie = Self.lies[index]
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "lie").path
      var bytes = Data((0..<8).map { UInt8(truncatingIfNeeded: lie.header.utf8.count >> (8 * $0)) })
      bytes += Data(lie.header.utf8) + Data(count: 8)
      try bytes.write(to: URL(filePath: path))
      let expected =
        lie.tensor.map { TrainingError.tensor(path: path, name: $0, reason: lie.reason) }
        ?? .malformed(path: path, reason: lie.reason)
      #expect(throws: expected) { _ = try SafetensorsReader(path: path) }
      #expect(!"\(expected)".contains("\n"))
    }
  }

  @Test func refusesHugeHeaderLengths() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "huge").path
      try Data(repeating: 0xFF, count: 100).write(to: URL(filePath: path))
      #expect(
        throws: TrainingError.malformed(
          path: path, reason: "its header would have 18446744073709551615 bytes")
      ) { _ = try SafetensorsReader(path: path) }
    }
  }
}
