package import Compute

/// What is predicted on one rank is judged on all.
extension ClassPrediction: Transferable {
  /// All numbers, bit by bit.
  package func write(to message: inout Message) {
    probabilities.write(to: &message)
    isExclusive.write(to: &message)
    mutualInformation.write(to: &message)
  }

  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    self.init(
      probabilities: [Float](from: &message), isExclusive: Bool(from: &message),
      mutualInformation: Float?(from: &message))
  }
}
