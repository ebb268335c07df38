/// What is wrong with a cfg or weights file.
package enum DarknetError: Error, Equatable, CustomStringConvertible {
  /// A cfg says something that makes no network; line 0 means the file as a whole.
  case configuration(file: String, line: Int, reason: String)
  /// A weights file does not hold what the network needs.
  case weights(file: String, reason: String)
  /// A file cannot be read or written.
  case file(String, reason: String)

  /// One line: file, place, cause, remedy.
  package var description: String {
    switch self {
    case .configuration(let file, let line, let reason):
      line > 0 ? "\(file):\(line): \(reason)" : "\(file): \(reason)"
    case .weights(let file, let reason): "\(file): \(reason)"
    case .file(let file, let reason): "\(file): \(reason)"
    }
  }
}
