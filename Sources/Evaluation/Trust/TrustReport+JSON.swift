extension TrustReport: Encodable {
  /// Writes `{"scoreFloor", "all": {…}, "classes": {NAME: {…}}, "mistakes", "operatingPoint",
  /// "reliability"}`.
  ///
  /// A number with an interval is `{"value", "interval": {"lower", "upper", "level"}}`.
  ///
  /// - Throws: The encoder's errors.
  package func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }

  private var json: JSONValue {
    var content: [String: JSONValue] = [
      "scoreFloor": .number(options.scoreFloor), "all": overall.json,
      "classes": .object(
        Dictionary(
          classes.map { ($0.name ?? "", $0.json) }, uniquingKeysWith: { first, _ in first })),
      "mistakes": mistakes.json,
    ]
    var point: [String: JSONValue] = [
      "maximumRisk": .number(options.maximumRisk), "certainty": .number(0.95),
      "bound": .text(RiskBound.clopperPearson.rawValue),
    ]
    if let operatingPoint {
      point["confidence"] = .number(1 - operatingPoint.point.score)
      point["coverage"] = .number(operatingPoint.point.coverage)
      point["risk"] = .number(operatingPoint.point.risk)
      point["upperRisk"] = .number(operatingPoint.upperRisk)
    }
    content["operatingPoint"] = .object(point)
    if let edges { content["edges"] = edges.json }
    if let reliability {
      content["reliability"] = .list(
        reliability.map { bin in
          .object([
            "lower": .number(bin.range.lowerBound), "upper": .number(bin.range.upperBound),
            "detections": .integer(bin.count), "confidence": .number(bin.confidence),
            "precision": .number(bin.precision),
          ])
        })
    }
    return .object(content)
  }
}

extension TrustReport.Group {
  fileprivate var json: JSONValue {
    .object([
      "detections": .integer(decisions.count), "wrong": .integer(decisions.wrong),
      "calibration": .object([
        "dECE": .estimate(decisions.calibration.error), "boxDECE": .estimate(boxCalibration),
        "laECE": .estimate(decisions.calibration.qualityError),
        "brier": .estimate(decisions.calibration.brier),
        "nll": .estimate(decisions.calibration.negativeLogLikelihood),
      ]),
      "oLRP": .object([
        "error": .estimate(localization.error),
        "localization": .estimate(localization.localization),
        "falsePositives": .estimate(localization.falsePositives),
        "falseNegatives": .estimate(localization.falseNegatives),
      ]),
      "errorDetection": .object(
        Dictionary(
          decisions.errorFinding.map { ($0.score.rawValue, $0.json) },
          uniquingKeysWith: { first, _ in first })),
    ])
  }
}

extension DecisionTrust.ErrorFinding {
  var json: JSONValue {
    var content: [String: JSONValue] = [
      "auroc": .estimate(areaUnderROC), "aupr": .estimate(areaUnderPrecisionRecall),
      "aurc": .estimate(areaUnderRiskCoverage), "eAURC": .estimate(excessAreaUnderRiskCoverage),
      "pavpu": .number(medianSplit?.agreement),
      "rightGivenCertain": .number(medianSplit?.rightGivenCertain),
      "uncertainGivenWrong": .number(medianSplit?.uncertainGivenWrong),
      "medianScore": .number(medianSplit?.threshold),
    ]
    if let areaUnderROCGain { content["aurocGain"] = .estimate(areaUnderROCGain) }
    if let areaUnderRiskCoverageGain { content["aurcGain"] = .estimate(areaUnderRiskCoverageGain) }
    return .object(content)
  }
}

extension ErrorBreakdown {
  fileprivate var json: JSONValue {
    func counts(_ counts: Counts) -> JSONValue {
      var content: [String: JSONValue] = [
        "right": .integer(counts.right), "objects": .integer(counts.objects),
      ]
      for kind in Kind.allCases { content[kind.rawValue] = .integer(counts[kind]) }
      return .object(content)
    }
    func byKind(_ value: (Kind) -> Double?) -> JSONValue {
      .object(
        Dictionary(
          Kind.allCases.map { ($0.rawValue, .number(value($0))) },
          uniquingKeysWith: { first, _ in first }))
    }
    return .object([
      "all": counts(total), "gains": byKind { gains[$0] }, "shares": byKind { share(of: $0) },
      "classes": .object(
        Dictionary(
          classes.map { ($0.name ?? "", counts($0)) }, uniquingKeysWith: { first, _ in first })),
    ])
  }
}
