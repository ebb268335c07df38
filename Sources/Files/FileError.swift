/// A file that could not be read or written; nothing that was there before has changed.
package struct FileError: Error, Equatable, CustomStringConvertible {
  /// The file, as it was named.
  package let path: String
  /// What the system or the content said.
  package let reason: String

  /// A failure with a file.
  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  /// One line: file and reason.
  package var description: String { "\(path): \(reason)".onOneLine }
}
