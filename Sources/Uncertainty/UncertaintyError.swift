/// Why uncertainty cannot be computed.
package enum UncertaintyError: Error, Equatable, CustomStringConvertible {
  /// A NaN or infinity in the named argument; index 0 for a single value.
  case notFinite(argument: String, index: Int)
  /// A variance below zero.
  case negativeVariance(index: Int)
  /// An option outside its range; the text says which and why.
  case invalidOption(String)

  /// One line.
  package var description: String {
    switch self {
    case .notFinite(let argument, let index):
      "\(argument) at index \(index) is not finite: training has diverged; use a smaller learning "
        + "rate or relative variance"
    case .negativeVariance(let index): "the variance at index \(index) is negative"
    case .invalidOption(let reason): reason
    }
  }
}
