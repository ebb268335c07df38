import Files
import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@testable import Exchange

@Suite struct EventFileTests {
  /// The example of RFC 3720, appendix B.4, and the nine digits that every table of checksums has.
  @Test func checksumsAreCastagnolis() {
    #expect(CastagnoliChecksum.value(of: Data(repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CastagnoliChecksum.value(of: Data(repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CastagnoliChecksum.value(of: Data("123456789".utf8)) == 0xE306_9283)
    // Rotated to the right by 15 bits, and a constant added.
    let sum: UInt32 = 0xE306_9283
    let mask = UInt32((UInt64(sum) * (1 << 17) + UInt64(sum) / (1 << 15)) & 0xFFFF_FFFF)
    let masked = withUnsafeBytes(of: (mask &+ 0xA282_EAD8).littleEndian) { Data($0) }
    #expect(CastagnoliChecksum.masked(of: Data("123456789".utf8)) == masked)
  }

  /// The messages of a file whose lengths and checksums are right.
  private func events(_ path: String) throws -> [Tensorboard_Event] {
    var bytes = try Data(contentsOf: URL(filePath: path))
    var events: [Tensorboard_Event] = []
    while !bytes.isEmpty {
      let length = bytes.prefix(8)
      let count = length.reversed().reduce(0) { $0 << 8 | Int($1) }
      bytes.removeFirst(8)
      #expect(bytes.prefix(4) == CastagnoliChecksum.masked(of: length))
      bytes.removeFirst(4)
      let message = bytes.prefix(count)
      bytes.removeFirst(count)
      #expect(bytes.prefix(4) == CastagnoliChecksum.masked(of: message))
      bytes.removeFirst(4)
      events.append(try Tensorboard_Event(serializedBytes: Data(message)))
    }
    return events
  }

  @Test func recordsHoldWhatWasWritten() throws {
    try withTemporaryFolder { folder in
      let date = Date(timeIntervalSince1970: 1_700_000_000.25)
      let file = try EventFile(in: folder.appending(path: "events").path, date: date)
      #expect(file.path.hasSuffix("/events/events.out.tfevents.1700000000.250.detector"))
      let curve = ThresholdCurve([(0.9, true), (0.2, false)], positiveCount: 3, thresholdCount: 3)
      try file.append(
        [
          .scalar("train/loss", 2.5),
          .picture("batch", png: Data([1, 2]), width: 7, height: 5),
          .precisionRecall("all", curve),
        ], step: 12)
      try file.append([], step: 13)
      let found = try events(file.path)
      #expect(found.count == 2)
      #expect(found[0].fileVersion == "brain.Event:2" && found[0].wallTime == 1_700_000_000.25)
      #expect(found[1].step == 12)
      let values = found[1].summary.value
      #expect(values.map(\.tag) == ["train/loss", "batch", "all"])
      #expect(values[0].simpleValue == 2.5)
      #expect(values[1].image.width == 7 && values[1].image.height == 5)
      #expect(values[1].image.encodedImageString == Data([1, 2]))
      #expect(values[2].metadata.pluginData.pluginName == "pr_curves")
      #expect(values[2].tensor.tensorShape.dim.map(\.size) == [6, 3])
      // A file where the folder should be.
      #expect(throws: FileError.self) { try EventFile(in: file.path + "/below") }
    }
  }

  /// Thresholds 0, .5 and 1, by hand.
  @Test func curvesCountFromEachThresholdOn() {
    let curve = ThresholdCurve(
      [(1, true), (0.9, false), (0.5, true), (0.49, false), (0, true)], positiveCount: 4,
      thresholdCount: 3)
    let expected: [[Double]] = [
      [3, 2, 1], [2, 1, 0], [0, 0, 0], [1, 2, 3], [0.6, 2.0 / 3, 1], [0.75, 0.5, 0.25],
    ]
    #expect(curve.rows == expected)
    let empty = ThresholdCurve([], positiveCount: 0, thresholdCount: 2)
    #expect(empty.rows[4] == [1, 1] && empty.rows[5] == [0, 0])
  }
}
