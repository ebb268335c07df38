/// Arrays of numbers as NumPy's `.npy` files.
///
/// Format 1.0: the magic bytes, the version, the header's length in 16 bits, a Python dictionary of
/// type, order and shape, padded so that the values start at a multiple of 64 bytes; then the values.
package enum NumPyFile {
  /// Replaces a file by an array, float32 in little endian, the last index running fastest.
  ///
  /// - Parameters:
  ///   - values: As many as the shape holds; NaN and infinities are stored as they are.
  ///   - shape: Sizes of the dimensions, outermost first; none for a single number.
  ///   - path: The file.
  /// - Throws: ``FileError`` if the system refuses.
  package static func write(_ values: [Float], shape: [Int], to path: String) throws {
    try AtomicFile.write(bytes(of: values, shape: shape), to: path)
  }

  /// The content of the file.
  static func bytes(of values: [Float], shape: [Int]) -> [UInt8] {
    precondition(
      shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == values.count,
      "\(values.count) values for \(shape)")
    var bytes = header(shape: shape)
    bytes.reserveCapacity(bytes.count + 4 * values.count)
    for value in values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  private static func header(shape: [Int]) -> [UInt8] {
    // Python writes a tuple of one with a comma, and so does NumPy.
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }"
    let prefix = [0x93] + Array("NUMPY".utf8) + [1, 0]
    let unpadded = prefix.count + 2 + text.utf8.count + 1
    let total = (unpadded + 63) / 64 * 64
    let length = total - prefix.count - 2
    precondition(length <= UInt16.max, "\(shape.count) dimensions")
    return prefix + [UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
      + [UInt8](repeating: UInt8(ascii: " "), count: total - unpadded) + [UInt8(ascii: "\n")]
  }
}
