import Foundation

/// CRC-32C, with Castagnoli's polynomial, masked as TensorFlow's records have it so that a checksum of data
/// with checksums in them stays one.
enum CastagnoliChecksum {
  /// The polynomial 0x1EDC6F41, its bits the other way round.
  private static let polynomial: UInt32 = 0x82F6_3B78

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1
    }
  }

  /// The checksum itself.
  static func value(of bytes: Data) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
  }

  /// The masked checksum, 4 bytes, the lowest first.
  static func masked(of bytes: Data) -> Data {
    let sum = value(of: bytes)
    let mask = (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    return withUnsafeBytes(of: mask.littleEndian) { Data($0) }
  }
}
