extension EvaluationReport {
  /// mAP (COCO: AP) by one of the report's metrics, 0...1; nil if it was not asked for or no class
  /// has objects.
  package func meanAveragePrecision(_ metric: EvaluationMetric) -> Double? {
    for (other, result) in results where other == metric {
      switch result {
      case .voc(let evaluation): return evaluation.meanAveragePrecision
      case .coco(let evaluation): return evaluation.summary.ap
      }
    }
    return nil
  }
}
