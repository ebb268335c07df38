/// The metrics that can be asked for by name.
package enum EvaluationMetric: String, Sendable, CaseIterable {
  /// VOC2007: eleven points, in integers.
  case voc07
  /// VOC2010 and later: area under the curve.
  case voc12
  /// COCO: mean over IoU .50, .55, …, .95.
  case coco
  /// VOC2007 as NumPy tools compute it, with levels rounded in floating point.
  case voc07Float = "voc07-float"

  /// The two that are computed wherever nothing else was asked for: VOC2007's and VOC2010's.
  package static let voc: [EvaluationMetric] = [.voc07, .voc12]

  /// The metrics of a list such as `voc07,voc12,coco`; repetitions are dropped.
  ///
  /// - Throws: ``EvaluationError/unknownMetric(_:)``.
  package static func list(_ text: String) throws -> [EvaluationMetric] {
    var metrics: [EvaluationMetric] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let metric = EvaluationMetric(rawValue: String(name.filter { $0 != " " })) else {
        throw EvaluationError.unknownMetric(String(name))
      }
      if !metrics.contains(metric) { metrics.append(metric) }
    }
    return metrics
  }

  /// How a VOC metric turns curves into numbers, nil for COCO.
  package var rule: AveragePrecision? {
    switch self {
    case .voc07: .elevenPoint
    case .voc12: .area
    case .voc07Float: .elevenPointFloat
    case .coco: nil
    }
  }
}
