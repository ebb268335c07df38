package import Compute
import Files
import Foundation

/// A safetensors file that is open for reading; its header is checked on opening.
///
/// Arrays are read one by one when asked for, straight into their destination.
package struct SafetensorsReader: ~Copyable {
  /// The file, named in errors.
  package let path: String
  /// The strings of the header.
  package let metadata: [String: String]
  /// What the file holds, in the order of its bytes.
  package let entries: [Safetensors.Entry]
  private let descriptor: Int32
  private let dataStart: Int
  private let indices: [String: Int]

  /// Opens a file and checks its header against the format and the file's length.
  ///
  /// - Throws: ``FileError`` if it cannot be read,
  ///   ``TrainingError/malformed(path:reason:)`` or ``TrainingError/tensor(path:name:reason:)`` if
  ///   it does not follow the format.
  package init(path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AtomicFile.Sink.error(path, "cannot be read") }
    do {
      let length = try SafetensorsReader.length(descriptor, path)
      let header = try SafetensorsReader.header(descriptor, fileLength: length, path)
      self.path = path
      self.descriptor = descriptor
      dataStart = length - header.dataLength
      metadata = header.metadata
      entries = header.entries
      indices = [String: Int](
        uniqueKeysWithValues: header.entries.enumerated().map { ($1.name, $0) })
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// The entry of an array, nil if the file has none of that name.
  package func entry(_ name: String) -> Safetensors.Entry? { indices[name].map { entries[$0] } }

  /// Reads the values of a float array.
  ///
  /// - Throws: ``TrainingError/tensor(path:name:reason:)`` if it is missing or of another type,
  ///   ``FileError`` if the system refuses.
  package func floats(_ name: String) throws -> [Float] {
    let entry = try entry(name, of: .float32)
    return try [Float](unsafeUninitializedCapacity: entry.bytes.count / 4) { buffer, count in
      try fill(UnsafeMutableRawBufferPointer(buffer), from: entry)
      count = entry.bytes.count / 4
    }
  }

  /// Reads the values of an array of bytes with sign, and its shape.
  ///
  /// - Throws: ``TrainingError/tensor(path:name:reason:)`` if it is missing or of another type,
  ///   ``FileError`` if the system refuses.
  package func signedBytes(_ name: String) throws -> (shape: [Int], values: [Int8]) {
    let entry = try entry(name, of: .int8)
    let values = try [Int8](unsafeUninitializedCapacity: entry.bytes.count) { buffer, count in
      try fill(UnsafeMutableRawBufferPointer(buffer), from: entry)
      count = entry.bytes.count
    }
    return (entry.shape, values)
  }

  /// Overwrites a tensor with the values of a float array of the same count.
  ///
  /// The shape is the caller's to check: see ``Checkpoint``.
  ///
  /// - Throws: ``TrainingError/tensor(path:name:reason:)`` if it is missing, of another type or
  ///   count, ``FileError`` if the system refuses.
  package func read(_ name: String, into tensor: Tensor) throws {
    let entry = try entry(name, of: .float32)
    guard entry.bytes.count == 4 * tensor.count else {
      throw TrainingError.tensor(
        path: path, name: name,
        reason: "has \(entry.bytes.count / 4) values, expected \(tensor.count)")
    }
    try tensor.withMutableHostValues { values in
      try fill(UnsafeMutableRawBufferPointer(values), from: entry)
    }
  }

  private func entry(
    _ name: String, of type: Safetensors.ElementType
  ) throws -> Safetensors.Entry {
    guard let entry = entry(name) else {
      throw TrainingError.tensor(path: path, name: name, reason: "is missing")
    }
    guard entry.type == type else {
      throw TrainingError.tensor(
        path: path, name: name,
        reason: "has element type \(entry.type.rawValue), expected \(type.rawValue)")
    }
    return entry
  }

  private func fill(_ bytes: UnsafeMutableRawBufferPointer, from entry: Safetensors.Entry) throws {
    // The memory of a new array may be larger than what was asked for.
    let whole = UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(entry.bytes.count))
    try SafetensorsReader.read(
      descriptor, into: whole, at: dataStart + entry.bytes.lowerBound, path)
  }
}

extension SafetensorsReader {
  private static func length(_ descriptor: Int32, _ path: String) throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw AtomicFile.Sink.error(path, "cannot be read")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(path: path, reason: "is not a file")
    }
    return Int(status.st_size)
  }

  private static func header(
    _ descriptor: Int32, fileLength: Int, _ path: String
  ) throws -> SafetensorsHeader {
    func malformed(_ reason: String) -> TrainingError { .malformed(path: path, reason: reason) }
    guard fileLength >= 8 else { throw malformed("it has \(fileLength) bytes") }
    var prefix = [UInt8](repeating: 0, count: 8)
    try prefix.withUnsafeMutableBytes { try read(descriptor, into: $0, at: 0, path) }
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length >= 2, length <= UInt64(Safetensors.maximumHeaderLength) else {
      throw malformed("its header would have \(length) bytes")
    }
    guard Int(length) <= fileLength - 8 else {
      throw malformed("its header of \(length) bytes is cut short")
    }
    var json = [UInt8](repeating: 0, count: Int(length))
    try json.withUnsafeMutableBytes { try read(descriptor, into: $0, at: 8, path) }
    return try SafetensorsHeader(
      json: json, dataLength: fileLength - 8 - Int(length), path: path)
  }

  private static func read(
    _ descriptor: Int32, into bytes: UnsafeMutableRawBufferPointer, at offset: Int, _ path: String
  ) throws {
    var done = 0
    while done < bytes.count {
      let count = pread(
        descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, offset + done)
      if count > 0 {
        done += count
      } else if count == 0 {
        throw FileError(path: path, reason: "has become shorter while it was read")
      } else if errno != EINTR {
        throw AtomicFile.Sink.error(path, "cannot be read")
      }
    }
  }
}
