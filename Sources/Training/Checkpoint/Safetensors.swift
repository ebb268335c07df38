/// The safetensors format: named arrays after a JSON header, readable from Python and elsewhere.
///
/// Layout: the header's length (8 bytes, little-endian), the header, the arrays without gaps. The
/// header maps each name to `dtype`, `shape` and `data_offsets` (first byte and one past the last,
/// counted from the end of the header), and `__metadata__` to a map of strings.
package enum Safetensors {
  /// The type of the elements of an array, by its name in the file.
  package enum ElementType: String, Sendable, CaseIterable {
    /// One byte, 0 or 1.
    case bool = "BOOL"
    /// One byte without sign.
    case uint8 = "U8"
    /// One byte with sign.
    case int8 = "I8"
    /// Two bytes with sign.
    case int16 = "I16"
    /// Two bytes without sign.
    case uint16 = "U16"
    /// Half precision.
    case float16 = "F16"
    /// The upper half of a float32.
    case bfloat16 = "BF16"
    /// Four bytes with sign.
    case int32 = "I32"
    /// Four bytes without sign.
    case uint32 = "U32"
    /// Single precision; besides ``int8`` the only type with values that this program reads.
    case float32 = "F32"
    /// Double precision.
    case float64 = "F64"
    /// Eight bytes with sign.
    case int64 = "I64"
    /// Eight bytes without sign.
    case uint64 = "U64"

    /// Bytes of an element.
    package var size: Int {
      switch self {
      case .bool, .uint8, .int8: 1
      case .int16, .uint16, .float16, .bfloat16: 2
      case .int32, .uint32, .float32: 4
      case .float64, .int64, .uint64: 8
      }
    }
  }

  /// What the header says about an array.
  package struct Entry: Sendable, Equatable {
    /// Its name, unique in the file.
    package let name: String
    /// The type of its elements.
    package let type: ElementType
    /// Its size along each axis, slowest first; empty for a single value.
    package let shape: [Int]
    /// Where its bytes lie, counted from the end of the header.
    package let bytes: Range<Int>
  }

  /// The header may be this long: 100 MB, the limit of the format.
  static let maximumHeaderLength = 100_000_000
  /// The name under which the header holds its map of strings.
  static let metadataKey = "__metadata__"
}
