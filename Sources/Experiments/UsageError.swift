/// What was asked for does not go together: the one who asked must ask in another way.
package struct UsageError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
