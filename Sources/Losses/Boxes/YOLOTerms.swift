package import Geometry

/// What a `[yolo]` section says about its box and class losses; the defaults are YOLOv3's.
///
/// Keys and their meaning are those of AlexeyAB's Darknet.
package struct YOLOTerms: Hashable, Sendable {
  /// `iou_loss`: the measure of the box loss 1 − measure; nil: YOLOv3's squared error.
  package var overlap: OverlapMeasure?
  /// `iou_normalizer`: a factor on the box loss.
  package var boxWeight: Float = 1
  /// `max_delta`: the largest derivative of a box loss 1 − measure in a logit.
  package var largestBoxDerivative = Float.infinity
  /// Whether an anchor with several truths has the box loss of each, or that of the last.
  package var sumsTruths = false
  /// `cls_normalizer`: a factor on the class loss.
  package var classWeight: Float = 1
  /// `counters_per_class`: a factor for each class on all losses of its objects; nil: all 1.
  package var classFactors: [Float]?
  /// `label_smooth_eps`, ε: targets of classes are ε/2 and 1 − ε/2; 0...1.
  package var labelSmoothing: Float = 0
  /// `focal_loss`: whether classes are trained with focal loss; γ = 2, and a weight of ½.
  package var isFocal = false
  /// `delta_normalizer`: a factor on all losses of the head.
  package var gain: Float = 1

  /// YOLOv3's.
  package init() {}

  /// The factors of classes that the training data hold so often: the largest count over the class's,
  /// at most `limit`; a count of 0 is taken as 1.
  package static func classFactors(counts: [Int], limit: Float = .infinity) -> [Float] {
    let largest = Float(max(1, counts.max() ?? 1))
    return counts.map { min(limit, largest / Float(max(1, $0))) }
  }

  func factor(ofClass index: Int) -> Float { classFactors?[index] ?? 1 }

  /// The term of a class, and its weight.
  func term(logit: Float, of index: Int, isTarget: Bool) -> (LogisticTerm, weight: Float) {
    let weight = classWeight * (isTarget ? factor(ofClass: index) : 1)
    if isFocal {
      return (
        .modulated(logit: logit, isPositive: isTarget, offset: 0, exponent: 2), 0.5 * weight
      )
    }
    let target = (isTarget ? 1 - labelSmoothing : 0) + labelSmoothing / 2
    return (.binaryCrossEntropy(logit: logit, target: target), weight)
  }
}
