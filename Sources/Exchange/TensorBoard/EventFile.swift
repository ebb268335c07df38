import Files
package import Foundation
import SwiftProtobuf

/// A file of events as TensorBoard reads them, which grows while a program runs.
///
/// Each event is a record: its length in 8 bytes, their masked CRC-32C, the message, its masked CRC-32C, all
/// little-endian. A file that ends in the middle of a record is read up to there.
package struct EventFile {
  /// What is known at a step of a run.
  package enum Value {
    /// A number.
    case scalar(String, Double)
    /// A picture, as the bytes of its PNG.
    case picture(String, png: Data, width: Int, height: Int)
    /// Precision and recall at thresholds.
    case precisionRecall(String, ThresholdCurve)
  }

  /// Where it is.
  package let path: String
  private let handle: FileHandle

  /// Begins a file; one that is there already is an error, as it would be another run's.
  ///
  /// - Parameters:
  ///   - folder: Where it is made, and the folder itself if need be.
  ///   - date: The time by which TensorBoard tells files of one run apart.
  /// - Throws: `FileError` if the system refuses.
  package init(in folder: String, date: Date = Date()) throws {
    try Folder.make(folder)
    // TensorBoard reads files with this in their names, in the order of their names.
    let stamp = String(format: "%010d.%03d", Int(date.timeIntervalSince1970), Self.part(of: date))
    path = folder + "/events.out.tfevents.\(stamp).detector"
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw FileError(path: path, reason: "cannot be made") }
    self.handle = handle
    var first = Tensorboard_Event()
    first.wallTime = date.timeIntervalSince1970
    first.fileVersion = "brain.Event:2"
    try append(first)
  }

  private static func part(of date: Date) -> Int {
    Int(date.timeIntervalSince1970 * 1000) % 1000
  }

  /// Appends what is known at a step.
  ///
  /// - Throws: `FileError` if the system refuses.
  package func append(_ values: [Value], step: Int, date: Date = Date()) throws {
    guard !values.isEmpty else { return }
    var event = Tensorboard_Event()
    event.wallTime = date.timeIntervalSince1970
    event.step = Int64(step)
    event.summary.value = try values.map { try Self.message($0) }
    try append(event)
  }

  private func append(_ event: Tensorboard_Event) throws {
    let message: Data = try event.serializedBytes()
    let length = withUnsafeBytes(of: UInt64(message.count).littleEndian) { Data($0) }
    let record =
      length + CastagnoliChecksum.masked(of: length) + message
      + CastagnoliChecksum.masked(of: message)
    do {
      try handle.write(contentsOf: record)
    } catch {
      throw FileError(path: path, reason: "cannot be written: \(FileProblem.describe(errno))")
    }
  }

  private static func message(_ value: Value) throws -> Tensorboard_Summary.Value {
    var message = Tensorboard_Summary.Value()
    switch value {
    case .scalar(let name, let number):
      message.tag = name
      message.simpleValue = Float(number)
    case .picture(let name, let png, let width, let height):
      message.tag = name
      message.image = .with {
        ($0.width, $0.height, $0.colorspace) = (Int32(width), Int32(height), 3)
        $0.encodedImageString = png
      }
    case .precisionRecall(let name, let curve):
      message.tag = name
      let rows = curve.rows
      message.tensor = .with { tensor in
        tensor.dtype = 1
        tensor.tensorShape.dim = [rows.count, rows[0].count].map { side in
          .with { $0.size = Int64(side) }
        }
        tensor.floatVal = rows.flatMap { $0.map { Float($0) } }
      }
      message.metadata.pluginData = try .with {
        $0.pluginName = "pr_curves"
        $0.content = try Tensorboard_PrCurvePluginData.with {
          $0.numThresholds = UInt32(rows[0].count)
        }.serializedBytes()
      }
    }
    return message
  }
}
