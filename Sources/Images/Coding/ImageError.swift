/// Why an image file cannot be read or written.
package enum ImageError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be opened or read.
  case unreadable(file: String, reason: String)
  /// The file holds no bytes.
  case empty(file: String)
  /// The content is of no format that is known.
  case unknownFormat(file: String, firstBytes: [UInt8])
  /// The decoder stopped, or warned that pixels are missing.
  case corrupt(file: String, format: String, reason: String)
  /// A format that is known, in a variant that is not.
  case unsupported(file: String, what: String)
  /// More pixels than ``ImageSizeLimit``.
  case tooLarge(file: String, width: Int, height: Int)
  /// The file cannot be encoded or written.
  case unwritable(file: String, reason: String)

  /// One line: file, cause, remedy.
  package var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file): cannot be read: \(reason)"
    case .empty(let file):
      "\(file): the file is empty (0 bytes); fetch it again"
    case .unknownFormat(let file, let bytes):
      "\(file): neither JPEG, PNG, BMP, TIFF nor WebP (starts with "
        + bytes.map { "0x" + String($0, radix: 16) }.joined(separator: " ") + "); convert it"
    case .corrupt(let file, let format, let reason):
      "\(file): truncated or corrupt \(format): \(reason); fetch it again"
    case .unsupported(let file, let what):
      "\(file): \(what) cannot be read; convert it"
    case .tooLarge(let file, let width, let height):
      "\(file): \(width)x\(height) is more than \(ImageSizeLimit.pixels) pixels; scale it down"
    case .unwritable(let file, let reason):
      "\(file): cannot be written: \(reason)"
    }
  }
}

/// The largest picture that is decoded: a corrupt header must not ask for all memory.
package enum ImageSizeLimit {
  /// 2²⁸ pixels, 768 MiB.
  package static let pixels = 1 << 28
}
