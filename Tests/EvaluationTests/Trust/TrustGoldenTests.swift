import Detection
import Evaluation
import Foundation
import Geometry
import TestSupport
import Testing

/// Against netcal, scikit-learn, SciPy and definitions written anew in NumPy; see trust.py.
@Suite struct TrustGoldenTests {
  let golden: GoldenCase
  let images: [EvaluatedImage]
  let matched: MatchedDetections
  let names = ["a", "b", "c"]

  init() throws {
    golden = try goldenCases("trust")[0]
    let size = EvaluatedImage.Size(width: 200, height: 160)
    var images = (0..<12).map { EvaluatedImage(id: "\($0)", objects: [], size: size) }
    let objects = try golden.array("objects")
    for start in stride(from: 0, to: objects.count, by: 7) {
      let v = objects[start..<(start + 7)].map(\.self)
      images[Int(v[0])].objects.append(
        object(v[3], v[4], v[5], v[6], classIndex: Int(v[1]), difficult: v[2] == 1))
    }
    let rows = try golden.array("found")
    for start in stride(from: 0, to: rows.count, by: 8) {
      let v = rows[start..<(start + 8)].map(\.self)
      var detection = found(v[2], v[3], v[4], v[5], v[6], classIndex: Int(v[1]))
      detection.uncertainty = DetectionUncertainty(
        bald: v[7], entropy: 0, objectnessMean: 0.5, objectnessVariance: 0)
      images[Int(v[0])].detections.append(detection)
    }
    self.images = images
    matched = try MatchedDetections(images, classNames: names)
  }

  private var kept: MatchedDetections { matched.withConfidence(atLeast: 0.05) }

  private var decisions: Decisions { kept.decisions(in: images) }

  private func expect(_ value: Double?, _ name: String, _ tolerance: Double = 1e-12) {
    guard let expected = golden.numbers[name] else {
      Issue.record("no number \(name)")
      return
    }
    #expect(isClose(value, expected, tolerance), "\(name): \(String(describing: value))")
  }

  @Test func verdictsAgree() {
    expect(Double(kept.pooled.count), "count")
    expect(Double(kept.pooled.count(where: \.isWrong)), "wrong")
    #expect(matched.decisions.hasProbabilities)
  }

  @Test func calibrationErrorsAgreeWithNetcal() throws {
    expect(CalibrationError(decisions).value, "dece")
    expect(
      BoxCalibrationError(kept, images: images, minimumCount: 1)?.value, "dece box")
    expect(
      BoxCalibrationError(
        kept, images: images, features: [.centerX, .centerY], binCount: 3, minimumCount: 4)?.value,
      "dece centre")
    expect(LocalizationCalibrationError(decisions).value, "laece")
    let bins = CalibrationError(decisions).bins
    #expect(bins.map(\.count).reduce(0, +) == kept.pooled.count)
    let sum = bins.reduce(0.0) {
      $0 + Double($1.count) * abs(($1.confidence ?? 0) - ($1.precision ?? 0))
    }
    expect(sum / Double(kept.pooled.count), "dece")
    var unsized = images
    unsized[0].size = nil
    #expect(BoxCalibrationError(kept, images: unsized) == nil)
  }

  @Test func properScoresAgree() {
    expect(ProbabilityScores(decisions).brier, "brier")
    expect(ProbabilityScores(decisions).negativeLogLikelihood, "nll")
  }

  @Test func localizationRecallPrecisionAgrees() {
    let values = LocalizationRecallPrecision(matched).values
    for (index, name) in ["olrp", "loc", "fp", "fn", "olrp 0", "olrp 1", "olrp 2"].enumerated() {
      expect(values[index], name)
    }
  }

  @Test func errorDetectionAgrees() throws {
    for score in [UncertaintyScore.confidence, .bald] {
      let result = try #require(ErrorDetection(decisions, score: score))
      expect(result.areaUnderROC, "auroc \(score)")
      expect(result.areaUnderPrecisionRecall, "aupr \(score)")
      expect(result.areaUnderRiskCoverage, "aurc \(score)")
      expect(result.excessAreaUnderRiskCoverage, "eaurc \(score)")
    }
    let split = try #require(ErrorDetection(decisions, score: .bald)).split(at: 0.25)
    expect(split.agreement, "pavpu")
    expect(split.rightGivenCertain, "right given certain")
    expect(split.uncertainGivenWrong, "uncertain given wrong")
  }

  @Test func mistakesAgree() throws {
    let result = try ErrorBreakdown(images: images, classNames: names)
    expect(result.meanAveragePrecision, "mAP")
    for kind in ErrorBreakdown.Kind.allCases {
      expect(Double(result.total[kind]), kind.rawValue)
      expect(result.gains[kind], "gain \(kind.rawValue)")
    }
    let shares = ErrorBreakdown.Kind.allCases.compactMap { result.share(of: $0) }
    #expect(abs(shares.reduce(0, +) - 1) < 1e-12)
  }

  @Test func fitsAgree() throws {
    let confidences = decisions.entries.map { Double($0.score) }
    let isRight = decisions.entries.map(\.isRight)
    guard
      case .platt(let slope, let offset) = RecalibrationMap.fitted(
        .platt, confidences: confidences, isRight: isRight),
      case .temperature(let temperature) = RecalibrationMap.fitted(
        .temperature, confidences: confidences, isRight: isRight),
      let isotonic = RecalibrationMap.fitted(
        .isotonic, confidences: confidences, isRight: isRight)
    else {
      Issue.record("no fit")
      return
    }
    expect(slope, "platt slope", 1e-6)
    expect(offset, "platt offset", 1e-6)
    expect(temperature, "temperature", 1e-6)
    for (step, expected) in try golden.array("isotonic").enumerated() {
      #expect(abs(isotonic.apply(Double(step) / 20) - Double(expected)) < 1e-6)
    }
  }

  @Test func boundsAreBetaQuantiles() {
    for (wrong, count) in [(0, 20), (3, 50), (49, 50), (120, 1000)] {
      expect(
        RiskBound.clopperPearson.upper(wrong: wrong, of: count, confidence: 0.95),
        "bound \(wrong) \(count)", 1e-9)
    }
  }
}
