package import Compute

/// What a rank finds is told by the first.
extension DataProblem: Transferable {
  /// Place, kind and text.
  package func write(to message: inout Message) {
    file.write(to: &message)
    line.write(to: &message)
    kind.rawValue.write(to: &message)
    text.write(to: &message)
  }

  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    let file = String(from: &message)
    let line = Int?(from: &message)
    guard let kind = Kind(rawValue: String(from: &message)) else {
      preconditionFailure("a problem of another program")
    }
    self.init(file: file, line: line, kind: kind, text: String(from: &message))
  }
}
