import Foundation

/// Values as JSON files for scripts.
package enum JSONFile {
  /// Replaces a file by a value's JSON, indented, keys sorted.
  ///
  /// - Throws: ``FileError`` if the system refuses; the encoder's error for NaN and infinity.
  package static func write(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    try AtomicFile.write(text + "\n", to: path)
  }
}
