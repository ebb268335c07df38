package import Compute
import Files

extension Safetensors {
  /// An array to be written.
  package struct Array {
    /// What is in it.
    package enum Content {
      /// Values of a tensor, read when they are written.
      case tensor(Tensor)
      /// Single-precision values.
      case floats([Float])
      /// Whole numbers.
      case integers([Int64])
      /// Bytes without sign.
      case bytes([UInt8])
      /// Bytes with sign.
      case signedBytes([Int8])
    }

    /// Its name, unique in the file.
    package let name: String
    /// Its size along each axis, slowest first.
    package let shape: [Int]
    /// What is in it.
    package let content: Content

    /// An array whose content has as many elements as the shape says.
    package init(_ name: String, shape: [Int], _ content: Content) {
      self.name = name
      self.shape = shape
      self.content = content
      precondition(
        shape.reduce(1, *) == elementCount, "\(name): \(shape) of \(elementCount) values")
    }

    /// A tensor under its four-axis shape.
    package init(_ name: String, _ tensor: Tensor) {
      let s = tensor.shape
      self.init(name, shape: [s.batch, s.height, s.width, s.channels], .tensor(tensor))
    }

    private var elementCount: Int {
      switch content {
      case .tensor(let tensor): tensor.count
      case .floats(let values): values.count
      case .integers(let values): values.count
      case .bytes(let values): values.count
      case .signedBytes(let values): values.count
      }
    }

    var type: ElementType {
      switch content {
      case .tensor, .floats: .float32
      case .integers: .int64
      case .bytes: .uint8
      case .signedBytes: .int8
      }
    }

    var byteCount: Int { elementCount * type.size }

    func write(to sink: AtomicFile.Sink) throws {
      switch content {
      case .tensor(let tensor):
        try tensor.withHostValues { try sink.write(UnsafeRawBufferPointer($0)) }
      case .floats(let values): try values.withUnsafeBytes { try sink.write($0) }
      case .integers(let values): try values.withUnsafeBytes { try sink.write($0) }
      case .bytes(let values): try sink.write(values)
      case .signedBytes(let values): try values.withUnsafeBytes { try sink.write($0) }
      }
    }
  }

  /// Writes a file in one step: until all is on the disk the old file stays as it is.
  ///
  /// Arrays are streamed one by one in the given order; the same arguments give the same bytes.
  ///
  /// - Parameters:
  ///   - arrays: What to write; names must differ.
  ///   - metadata: Strings to write into the header.
  ///   - path: The file to make or replace.
  /// - Throws: ``FileError`` if the system refuses.
  package static func write(
    _ arrays: [Array], metadata: [String: String] = [:], to path: String
  ) throws {
    precondition(Set(arrays.map(\.name)).count == arrays.count, "two arrays have the same name")
    precondition(arrays.allSatisfy { $0.name != metadataKey }, "\(metadataKey) is no array")
    var end = 0
    let entries = arrays.map { array in
      let start = end
      end += array.byteCount
      return Entry(name: array.name, type: array.type, shape: array.shape, bytes: start..<end)
    }
    let header = try SafetensorsHeader(metadata: metadata, entries: entries).encoded()
    try AtomicFile.write(to: path) { sink in
      try sink.write(header)
      for array in arrays { try array.write(to: sink) }
    }
  }
}
