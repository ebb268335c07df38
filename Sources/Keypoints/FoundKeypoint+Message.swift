package import Compute
import Geometry

/// What is found on one rank is judged on all.
extension FoundKeypoint: Transferable {
  /// All numbers, bit by bit.
  package func write(to message: inout Message) {
    index.write(to: &message)
    position.x.write(to: &message)
    position.y.write(to: &message)
    score.write(to: &message)
    doubt.write(to: &message)
  }

  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    self.init(
      index: Int(from: &message),
      position: Point(Double(from: &message), Double(from: &message)),
      score: Float(from: &message), doubt: KeypointDoubt?(from: &message))
  }
}

extension KeypointDoubt: Transferable {
  /// All numbers, bit by bit.
  package func write(to message: inout Message) {
    for value in [entropy, secondPeak, spread] { value.write(to: &message) }
    baldAtPeak.write(to: &message)
    baldAround.write(to: &message)
  }

  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    self.init(
      entropy: Float(from: &message), secondPeak: Float(from: &message),
      spread: Float(from: &message), baldAtPeak: Float?(from: &message),
      baldAround: Float?(from: &message))
  }
}

extension KeypointTruth: Writable {
  /// Points with their places, and the region that is looked at.
  package func write(to message: inout Message) {
    for point in points {
      point.index.write(to: &message)
      point.position.x.write(to: &message)
      point.position.y.write(to: &message)
    }
    for edge in [region?.left, region?.top, region?.right, region?.bottom] {
      edge.write(to: &message)
    }
  }
}
