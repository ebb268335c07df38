/// Bytes on their way from one rank to another, which runs the same program.
package struct Message {
  /// What was written so far.
  package private(set) var bytes: [UInt8] = []

  /// An empty message.
  package init() {}

  /// A message of one thing.
  package init(_ content: some Writable) { content.write(to: &self) }

  /// Adds a number.
  mutating func add<Number: BitwiseCopyable>(_ number: Number) {
    withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
  }
}

/// Reads a ``Message`` in the order in which it was written.
package struct MessageReader {
  private let bytes: [UInt8]
  private var position = 0

  /// At the beginning of a message.
  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next number.
  mutating func next<Number: BitwiseCopyable>(_ type: Number.Type) -> Number {
    let start = position
    position += MemoryLayout<Number>.size
    precondition(position <= bytes.count, "a message that ends too early")
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: type) }
  }
}

/// What can be written into a ``Message``; equal things give equal bytes.
package protocol Writable {
  /// Adds it.
  func write(to message: inout Message)
}

/// What another rank can be sent.
package protocol Transferable: Writable {
  /// Reads what ``Writable/write(to:)`` wrote.
  init(from message: inout MessageReader)
}

extension Int: Transferable {
  /// As eight bytes.
  package func write(to message: inout Message) { message.add(self) }
  /// From eight bytes.
  package init(from message: inout MessageReader) { self = message.next(Int.self) }
}

extension Float: Transferable {
  /// Bit by bit.
  package func write(to message: inout Message) { message.add(self) }
  /// Bit by bit.
  package init(from message: inout MessageReader) { self = message.next(Float.self) }
}

extension Double: Transferable {
  /// Bit by bit.
  package func write(to message: inout Message) { message.add(self) }
  /// Bit by bit.
  package init(from message: inout MessageReader) { self = message.next(Double.self) }
}

extension Bool: Transferable {
  /// As a byte.
  package func write(to message: inout Message) { message.add(UInt8(self ? 1 : 0)) }
  /// From a byte.
  package init(from message: inout MessageReader) { self = message.next(UInt8.self) != 0 }
}

extension String: Transferable {
  /// As UTF-8 with the number of bytes.
  package func write(to message: inout Message) {
    utf8.count.write(to: &message)
    for byte in utf8 { message.add(byte) }
  }

  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    let count = Int(from: &message)
    self.init(decoding: (0..<count).map { _ in message.next(UInt8.self) }, as: UTF8.self)
  }
}

extension Optional: Writable where Wrapped: Writable {
  /// Whether there is something, and what.
  package func write(to message: inout Message) {
    (self != nil).write(to: &message)
    self?.write(to: &message)
  }
}

extension Optional: Transferable where Wrapped: Transferable {
  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    self = Bool(from: &message) ? Wrapped(from: &message) : nil
  }
}

extension Array: Writable where Element: Writable {
  /// The number of elements, and each.
  package func write(to message: inout Message) {
    count.write(to: &message)
    for element in self { element.write(to: &message) }
  }
}

extension Array: Transferable where Element: Transferable {
  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    let count = Int(from: &message)
    self = (0..<count).map { _ in Element(from: &message) }
  }
}
