/// The value of a detection loss, in parts, with figures that show how training goes.
///
/// All are sums, so that values of heads, images and subdivisions add up.
package struct DetectionLossValue: Hashable, Sendable {
  /// Box loss.
  package var box: Double = 0
  /// Objectness loss.
  package var objectness: Double = 0
  /// Class loss.
  package var classification: Double = 0
  /// What a Bayesian branch adds: its own objectness loss, variance objective, divergence.
  package var auxiliary: Double = 0
  /// The loss of a branch for the expected IoU.
  package var place: Double = 0
  /// Anchors with an object to find.
  package var positiveCount: Int = 0
  /// Anchors with nothing to find.
  package var negativeCount: Int = 0
  /// Anchors left out because they overlap an object.
  package var ignoredCount: Int = 0
  /// Positives whose box overlaps the object's with IoU > ½.
  package var recalledCount: Int = 0
  /// Sum of the positives' IoU with their objects.
  package var intersectionOverUnionSum: Double = 0
  /// Sum of the positives' objectness.
  package var positiveObjectnessSum: Double = 0
  /// Sum of the negatives' objectness.
  package var negativeObjectnessSum: Double = 0

  /// Zero.
  package init() {}

  /// The optimised loss: box + objectness + classification + auxiliary + place.
  package var total: Double { box + objectness + classification + auxiliary + place }

  /// Adds every sum and count.
  package static func += (sum: inout DetectionLossValue, other: DetectionLossValue) {
    sum.box += other.box
    sum.objectness += other.objectness
    sum.classification += other.classification
    sum.auxiliary += other.auxiliary
    sum.place += other.place
    sum.positiveCount += other.positiveCount
    sum.negativeCount += other.negativeCount
    sum.ignoredCount += other.ignoredCount
    sum.recalledCount += other.recalledCount
    sum.intersectionOverUnionSum += other.intersectionOverUnionSum
    sum.positiveObjectnessSum += other.positiveObjectnessSum
    sum.negativeObjectnessSum += other.negativeObjectnessSum
  }

  /// Multiplies the losses, not the figures beside them.
  mutating func scaleLosses(by factor: Double) {
    box *= factor
    objectness *= factor
    classification *= factor
    auxiliary *= factor
    place *= factor
  }

  /// Counts the IoU of a positive's box with its object.
  mutating func addOverlap(_ overlap: Float) {
    intersectionOverUnionSum += Double(overlap)
    if overlap > 0.5 { recalledCount += 1 }
  }
}
