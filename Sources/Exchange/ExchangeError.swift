/// Why a network cannot be written for other tools.
package enum ExchangeError: Error, Equatable, CustomStringConvertible {
  /// A layer, or what is asked of it, that the format or this program has no operator for.
  case unsupported(file: String, line: Int, reason: String)

  /// One line.
  package var description: String {
    switch self {
    case .unsupported(let file, let line, let reason): "\(file):\(line): \(reason)"
    }
  }
}
