import Detection
import Geometry
import Losses

// The keys that AlexeyAB's Darknet added to `[yolo]`.
extension HeadReader {
  private enum BoxLoss: String, CaseIterable { case mse, iou, giou, diou, ciou }
  private enum SuppressionKind: String, CaseIterable {
    case `default`, greedynms, diounms, cornersnms
  }

  /// How boxes and classes are trained.
  ///
  /// Without `iou_loss`, and with `iou_thresh` at 1, boxes are trained as in YOLOv3: the squared error
  /// of an anchor's last truth, weight 1. With either, each truth of an anchor counts, as in AlexeyAB's
  /// Darknet; with `iou_loss`, `iou_normalizer` is 0.75 unless given, as there.
  func terms(classCount: Int) throws(DarknetError) -> YOLOTerms {
    var terms = YOLOTerms()
    let isChosen = section["iou_loss"] != nil
    let loss = try section.choice("iou_loss", default: BoxLoss.mse)
    terms.overlap = OverlapMeasure(rawValue: loss.rawValue)
    terms.boxWeight = try section.number(
      "iou_normalizer", default: isChosen ? 0.75 : 1, in: 0...1e6)
    terms.largestBoxDerivative = try section.number(
      "max_delta", default: .infinity, in: 1e-6...1e9)
    let shapeThreshold = try section.number("iou_thresh", default: 1)
    terms.sumsTruths = isChosen || shapeThreshold < 1
    terms.classWeight = try section.number("cls_normalizer", default: 1, in: 0...1e6)
    terms.gain = try section.number("delta_normalizer", default: 1, in: 0...1e6)
    terms.classFactors = try classFactors(classCount, limit: terms.largestBoxDerivative)
    terms.isFocal = try section.flag("focal_loss", default: false)
    terms.labelSmoothing = try section.number("label_smooth_eps", default: 0, in: 0...1)
    guard !terms.isFocal || terms.labelSmoothing == 0 else {
      throw section.error(
        "focal_loss=1 in [yolo] has targets of 0 and 1 alone; remove it or label_smooth_eps=",
        line: section["label_smooth_eps"]?.line)
    }
    return terms
  }

  /// `counters_per_class`: how many objects of each class the training data hold.
  private func classFactors(_ classCount: Int, limit: Float) throws(DarknetError) -> [Float]? {
    guard let entry = section["counters_per_class"] else { return nil }
    let counts = try section.integers("counters_per_class")
    guard counts.count == classCount else {
      throw section.error(
        "counters_per_class= has \(counts.count) numbers, classes=\(classCount) needs as many; "
          + "correct or remove it", line: entry.line)
    }
    return YOLOTerms.classFactors(counts: counts, limit: limit)
  }

  /// `nms_kind` and `beta_nms`.
  ///
  /// `greedynms` is suppression by IoU, which its name, the YOLOv4 paper and OpenCV mean by it;
  /// AlexeyAB's Darknet computes `diounms` with β = 0.6 for it. Of `cornersnms` nothing but IoU is left
  /// there.
  func suppression() throws(DarknetError) -> SuppressionMeasure {
    let exponent = try section.number("beta_nms", default: 0.6, in: 0...100)
    return switch try section.choice("nms_kind", default: SuppressionKind.default) {
    case .diounms: .distance(exponent: exponent)
    case .default, .greedynms, .cornersnms: .overlap
    }
  }
}
