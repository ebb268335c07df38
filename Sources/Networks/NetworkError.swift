/// Why a network cannot be run as asked.
package enum NetworkError: Error, Equatable, CustomStringConvertible {
  /// An input size that a layer cannot take; the line is that of the layer's section.
  case input(file: String, line: Int, reason: String)
  /// A quantised network that is to be trained.
  case quantized(file: String)

  /// One line: file, place, cause, remedy.
  package var description: String {
    switch self {
    case .input(let file, let line, let reason): "\(file):\(line): \(reason)"
    case .quantized(let file):
      "\(file): is quantised and cannot be trained; take the model that it was made of"
    }
  }
}
