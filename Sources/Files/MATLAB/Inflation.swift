import CZlib

/// Compressed elements of MATLAB files.
enum Inflation {
  /// The one element that compressed data hold, with its type and length.
  ///
  /// Memory is taken as bytes come out: what the element says of its length is not trusted.
  static func element(
    _ compressed: ArraySlice<UInt8>, order: MATLABReader.Order
  ) throws(MATLABFault) -> [UInt8] {
    let damaged = MATLABFault("its compressed data are damaged")
    var stream = z_stream()
    guard
      inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw MATLABFault("zlib cannot be used") }
    defer { inflateEnd(&stream) }
    var source = Array(compressed)
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var result: [UInt8] = []
    var wanted: Int?
    let status = source.withUnsafeMutableBufferPointer { source in
      chunk.withUnsafeMutableBufferPointer { chunk in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        var status = Z_OK
        repeat {
          stream.next_out = chunk.baseAddress
          stream.avail_out = UInt32(chunk.count)
          status = inflate(&stream, Z_NO_FLUSH)
          result += chunk[..<(chunk.count - Int(stream.avail_out))]
          if wanted == nil, result.count >= 8 {
            wanted = 8 + Int(MATLABReader.word(result[4..<8], order: order))
          }
          if result.count > (wanted ?? 8) + 8 { return Z_DATA_ERROR }
        } while status == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0)
        return status
      }
    }
    guard status == Z_STREAM_END, let wanted, result.count >= wanted else { throw damaged }
    return result
  }
}
