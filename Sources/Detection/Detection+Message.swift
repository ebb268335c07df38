package import Compute
import Geometry

/// What is found on one rank is judged on all.
extension Detection: Transferable {
  /// All numbers, bit by bit.
  package func write(to message: inout Message) {
    for edge in [box.left, box.top, box.right, box.bottom] { edge.write(to: &message) }
    classIndex.write(to: &message)
    confidence.write(to: &message)
    objectness.write(to: &message)
    uncertainty.write(to: &message)
  }

  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    let edges = (0..<4).map { _ in Float(from: &message) }
    self.init(
      box: Box(left: edges[0], top: edges[1], right: edges[2], bottom: edges[3]),
      classIndex: Int(from: &message), confidence: Float(from: &message),
      objectness: Float(from: &message), uncertainty: DetectionUncertainty?(from: &message))
  }
}

extension DetectionUncertainty: Transferable {
  /// All numbers, bit by bit.
  package func write(to message: inout Message) {
    for value in [bald, entropy, objectnessMean, objectnessVariance] { value.write(to: &message) }
  }

  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    self.init(
      bald: Float(from: &message), entropy: Float(from: &message),
      objectnessMean: Float(from: &message), objectnessVariance: Float(from: &message))
  }
}
