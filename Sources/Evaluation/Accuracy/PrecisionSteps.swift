/// A precision–recall curve at its right detections, which alone decide every average precision:
/// between two of them precision only falls.
struct PrecisionSteps {
  /// The number of objects to be found.
  let objectCount: Int
  /// Right detections up to and with each one, ascending.
  private(set) var truePositives: [Int] = []
  /// Precision there; after ``makeMonotonic()`` the best there or later.
  private(set) var precisions: [Double] = []

  init(objectCount: Int) { self.objectCount = objectCount }

  /// The right detections of a curve.
  init(_ curve: PrecisionRecallCurve) {
    objectCount = curve.objectCount
    truePositives.reserveCapacity(curve.truePositives.last ?? 0)
    precisions.reserveCapacity(curve.truePositives.last ?? 0)
    var previous = 0
    for (right, wrong) in zip(curve.truePositives, curve.falsePositives) where right > previous {
      append(truePositives: right, falsePositives: wrong)
      previous = right
    }
    makeMonotonic()
  }

  mutating func reserveCapacity(_ count: Int) {
    truePositives.reserveCapacity(count)
    precisions.reserveCapacity(count)
  }

  /// Appends the state after a right detection.
  mutating func append(truePositives right: Int, falsePositives wrong: Int) {
    truePositives.append(right)
    precisions.append(Double(right) / Double(right + wrong))
  }

  /// Replaces each precision by the best there or later.
  mutating func makeMonotonic() {
    var best = 0.0
    for i in precisions.indices.reversed() {
      best = max(best, precisions[i])
      precisions[i] = best
    }
  }
}
