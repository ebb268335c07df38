/// A number that tells contents apart, almost surely: FNV-1a with words instead of bytes.
package struct ContentDigest {
  /// Of all that was added so far.
  package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// A digest of nothing.
  package init() {}

  /// Adds bytes, with their number.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    mix(UInt64(bytes.count))
    let words = bytes.count / 8
    for word in 0..<words { mix(bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self)) }
    for byte in bytes[(8 * words)...] { mix(UInt64(byte)) }
  }

  /// Adds a text.
  package mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  /// Adds what a message would hold.
  package mutating func add(_ content: some Writable) {
    Message(content).bytes.withUnsafeBytes { add($0) }
  }

  /// Adds the values of a tensor.
  package mutating func add(_ tensor: Tensor) {
    tensor.withHostValues { add(UnsafeRawBufferPointer($0)) }
  }

  private mutating func mix(_ word: UInt64) {
    value = (value ^ word) &* 0x0000_0100_0000_01b3
    // Multiplication carries nothing down.
    value ^= value >> 32
  }
}
