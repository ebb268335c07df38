import Compute
import Files
import Foundation
import TestSupport
import Testing
import Training

@Suite struct SafetensorsTests {
  static let reference = packageRoot.appending(path: "Tests/Golden/reference.safetensors").path
  static let note = "quotes \" and \\ and / and ünïcode \t tab end"

  @Test func readsWhatTheReferenceImplementationWrote() throws {
    let file = try SafetensorsReader(path: Self.reference)
    #expect(file.metadata == ["note": Self.note])
    #expect(
      file.entries.map(\.name) == ["count", "empty", "model/weights", "scalar", "mask"])
    #expect(file.entries.map(\.type) == [.int64, .float32, .float32, .float32, .uint8])
    #expect(file.entries.map(\.shape) == [[2], [0, 4], [1, 1, 2, 3], [], [2, 2]])
    #expect(try file.floats("model/weights") == [-0.5, -0.25, 0, 0.25, 0.5, 0.75])
    #expect(try file.floats("scalar") == [3.25])
    #expect(try file.floats("empty") == [])
  }

  @Test func writesTheBytesOfTheReferenceImplementation() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "ours.safetensors").path
      let weights = try Tensor(
        Shape(height: 1, width: 2, channels: 3), values: [-0.5, -0.25, 0, 0.25, 0.5, 0.75])
      try Safetensors.write(
        [
          .init("count", shape: [2], .integers([-1, 1 << 40])),
          .init("empty", shape: [0, 4], .floats([])),
          .init("model/weights", weights),
          .init("scalar", shape: [], .floats([3.25])),
          .init("mask", shape: [2, 2], .bytes([0, 1, 255, 7])),
        ], metadata: ["note": Self.note], to: path)
      #expect(
        FileManager.default.contents(atPath: path)
          == FileManager.default.contents(atPath: Self.reference))
    }
  }

  @Test func keepsEveryBitOfAValue() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "x").path
      let bits: [UInt32] = [0, 0x8000_0000, 1, 0x7F80_0000, 0xFF80_0000, 0x7FC0_1234, 0x7F7F_FFFF]
      let values = bits.map { Float(bitPattern: $0) }
      try Safetensors.write([.init("odd", shape: [7], .floats(values))], to: path)
      let file = try SafetensorsReader(path: path)
      #expect(try file.floats("odd").map(\.bitPattern) == bits)
      let tensor = try Tensor(Shape(channels: 7))
      try file.read("odd", into: tensor)
      #expect(tensor.values.map(\.bitPattern) == bits)
    }
  }

  @Test func namesTheTensorThatCannotBeRead() throws {
    let path = Self.reference
    let file = try SafetensorsReader(path: path)
    #expect(throws: TrainingError.tensor(path: path, name: "no", reason: "is missing")) {
      try file.floats("no")
    }
    #expect(
      throws: TrainingError.tensor(
        path: path, name: "mask", reason: "has element type U8, expected F32")
    ) { try file.floats("mask") }
    let small = try Tensor(Shape(channels: 5))
    #expect(
      throws: TrainingError.tensor(
        path: path, name: "model/weights", reason: "has 6 values, expected 5")
    ) { try file.read("model/weights", into: small) }
  }

  @Test func refusesMissingFilesAndFolders() throws {
    try withTemporaryFolder { folder in
      let missing = folder.appending(path: "missing").path
      #expect(
        throws: FileError(
          path: missing, reason: "cannot be read: No such file or directory")
      ) { _ = try SafetensorsReader(path: missing) }
      #expect(throws: FileError(path: folder.path, reason: "is not a file")) {
        _ = try SafetensorsReader(path: folder.path)
      }
    }
  }

  /// Every prefix of a good file, and the file with bytes behind it, is refused.
  @Test func refusesEveryTruncation() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "cut").path
      let whole = try #require(FileManager.default.contents(atPath: Self.reference))
      for count in 0..<whole.count {
        try whole.prefix(count).write(to: URL(filePath: path))
        #expect(throws: TrainingError.self, "\(count) bytes") {
          _ = try SafetensorsReader(path: path)
        }
      }
      try (whole + Data([0])).write(to: URL(filePath: path))
      #expect(throws: TrainingError.malformed(path: path, reason: "1 bytes after the last tensor"))
      {
        _ = try SafetensorsReader(path: path)
      }
    }
  }

  /// A changed byte of the header must give an error or a file, never a crash.
  @Test func survivesChangedHeaders() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "changed").path
      let whole = try #require(FileManager.default.contents(atPath: Self.reference))
      for i in 0..<(8 + 392) {
        for byte in [UInt8(ascii: "9"), UInt8(ascii: "\""), UInt8(ascii: "-"), 0xFF] {
          var changed = whole
          changed[i] = byte
          try changed.write(to: URL(filePath: path))
          do {
            let file = try SafetensorsReader(path: path)
            #expect(file.entries.allSatisfy { $0.bytes.upperBound <= 48 })
          } catch let error as TrainingError {
            #expect(error.description.hasPrefix(path))
          }
        }
      }
    }
  }
}
