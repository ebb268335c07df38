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
    expectedIoU.write(to: &message)
    edges.write(to: &message)
    merged.write(to: &message)
    probability.write(to: &message)
  }

  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    let sides = (0..<4).map { _ in Float(from: &message) }
    self.init(
      box: Box(left: sides[0], top: sides[1], right: sides[2], bottom: sides[3]),
      classIndex: Int(from: &message), confidence: Float(from: &message),
      objectness: Float(from: &message), uncertainty: DetectionUncertainty?(from: &message),
      expectedIoU: Float?(from: &message))
    edges = EdgeDeviations?(from: &message)
    merged = MergedBoxes?(from: &message)
    probability = DetectionProbability?(from: &message)
  }
}

extension EdgeDeviations: Transferable {
  /// All numbers, bit by bit.
  package func write(to message: inout Message) {
    for value in all { value.write(to: &message) }
    isBounded.write(to: &message)
  }

  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    self.init(
      left: Float(from: &message), top: Float(from: &message), right: Float(from: &message),
      bottom: Float(from: &message), isBounded: Bool(from: &message))
  }
}

extension MergedBoxes: Transferable {
  /// All numbers, bit by bit.
  package func write(to message: inout Message) {
    count.write(to: &message)
    spread.write(to: &message)
    confidenceSum.write(to: &message)
  }

  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    self.init(
      count: Int(from: &message), spread: Float(from: &message),
      confidenceSum: Float(from: &message))
  }
}

extension DetectionProbability: Transferable {
  /// All numbers, bit by bit.
  package func write(to message: inout Message) {
    for value in [right, placed, classRight, quality] { value.write(to: &message) }
  }

  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    self.init(
      right: Float(from: &message), placed: Float(from: &message),
      classRight: Float(from: &message), quality: Float(from: &message))
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
