/// What was asked for does not go together: the one who asked must ask in another way.
package struct UsageError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

extension UsageError {
  /// A detector is asked to see the middle of images alone.
  static let cropsObjects = UsageError(
    "--resize crop shows the middle of an image alone and is for classifiers; for objects take "
      + "letterbox or stretch")
}
