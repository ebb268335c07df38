/// A file that could not be read or written; nothing that was there before has changed.
public struct FileError: Error, Equatable, CustomStringConvertible {
  /// The file, as it was named.
  public let path: String
  /// What the system or the content said.
  public let reason: String

  /// A failure with a file.
  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  /// One line: file and reason.
  public var description: String { "\(path): \(reason)" }
}
