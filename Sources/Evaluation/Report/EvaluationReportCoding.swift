extension EvaluationReport: Encodable {
  /// Writes `{"images", "imagesWithoutDetections", "settings", "metrics": {"voc07": {…}},
  /// "unreadableImages", "notes", "thresholds", "trust", "probability", "references", "against", "verdict"}`, the last eight
  /// only
  /// where there are any.
  ///
  /// - Throws: The encoder's errors.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(counts.imageCount, forKey: "images")
    try container.encode(counts.imagesWithoutDetections, forKey: "imagesWithoutDetections")
    if unreadableImages > 0 {
      try container.encode(unreadableImages, forKey: "unreadableImages")
    }
    var choices = container.nestedContainer(keyedBy: Key.self, forKey: "settings")
    for setting in settings { try choices.encode(setting.value, forKey: Key(setting.name)) }
    var metrics = container.nestedContainer(keyedBy: Key.self, forKey: "metrics")
    for (metric, result) in results {
      var values = metrics.nestedContainer(keyedBy: Key.self, forKey: Key(metric.rawValue))
      switch result {
      case .voc(let evaluation):
        try encode(evaluation, intervals: intervals[metric], into: &values)
      case .coco(let evaluation): try encode(evaluation, into: &values)
      }
    }
    if !notes.isEmpty { try container.encode(notes, forKey: "notes") }
    if let thresholds { try container.encode(thresholds.json, forKey: "thresholds") }
    if let trust { try container.encode(trust, forKey: "trust") }
    if let probability { try container.encode(probability.json, forKey: "probability") }
    if !references.isEmpty {
      try container.encode(JSONValue.list(references.map(\.json)), forKey: "references")
    }
    if let comparison { try container.encode(comparison.json, forKey: "against") }
    if let verdict { try container.encode(verdict.sentences, forKey: "verdict") }
  }

  private typealias Container = KeyedEncodingContainer<Key>

  private func encode(
    _ evaluation: VOCEvaluation, intervals: AveragePrecisionEstimate?,
    into values: inout Container
  ) throws {
    try values.encode(evaluation.meanAveragePrecision, forKey: "mAP")
    if let intervals {
      try values.encode(JSONValue.interval(intervals.mean.interval), forKey: "mAPInterval")
    }
    try values.encode(matcher.threshold, forKey: "iou")
    var classes = values.nestedContainer(keyedBy: Key.self, forKey: "classes")
    for (index, result) in evaluation.classes.enumerated() {
      var row = classes.nestedContainer(keyedBy: Key.self, forKey: Key(result.name))
      try row.encode(result.averagePrecision, forKey: "ap")
      if let intervals {
        try row.encode(JSONValue.interval(intervals.classes[index].interval), forKey: "apInterval")
      }
      try row.encode(result.objects, forKey: "objects")
      try row.encode(result.difficult, forKey: "difficult")
      try row.encode(result.detections, forKey: "detections")
      try row.encode(result.truePositives, forKey: "truePositives")
      try row.encode(result.falsePositives, forKey: "falsePositives")
      try row.encode(result.ignored, forKey: "ignored")
    }
  }

  private func encode(_ evaluation: COCOEvaluation, into values: inout Container) throws {
    try values.encode(evaluation.summary.ap, forKey: "mAP")
    try encode(evaluation.summary, into: &values)
    if let cocoEstimate {
      for number in COCOEvaluation.Number.allCases {
        try values.encode(
          JSONValue.interval(cocoEstimate[number].interval),
          forKey: Key((number == .ap ? "mAP" : number.rawValue) + "Interval"))
      }
    }
    var classes = values.nestedContainer(keyedBy: Key.self, forKey: "classes")
    for (index, result) in evaluation.classes.enumerated() {
      let counted = counts.classes[index]
      var row = classes.nestedContainer(keyedBy: Key.self, forKey: Key(result.name))
      try row.encode(result.summary.ap, forKey: "ap")
      if let cocoEstimate {
        try row.encode(
          JSONValue.interval(cocoEstimate.classes[index].interval), forKey: "apInterval")
      }
      try encode(result.summary, into: &row)
      try row.encode(counted.objects, forKey: "objects")
      try row.encode(counted.difficult, forKey: "difficult")
    }
  }

  private func encode(_ summary: COCOEvaluation.Summary, into values: inout Container) throws {
    // The first is "mAP" or "ap", as in VOC's metrics.
    for number in COCOEvaluation.Number.allCases.dropFirst() {
      try values.encode(summary[number], forKey: Key(number.rawValue))
    }
  }

  /// A key from any text: class names are keys.
  private struct Key: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    init(stringLiteral text: String) { stringValue = text }
  }
}
