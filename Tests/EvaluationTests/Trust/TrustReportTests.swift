import Compute
import Detection
import Evaluation
import Foundation
import Geometry
import TestSupport
import Testing

@Suite struct TrustReportTests {
  private let names = ["a", "b"]

  private func images(uncertain: Bool = true) -> [EvaluatedImage] {
    randomImages(images: 40, objects: 4, detections: 9, classes: 2, seed: 12).map { image in
      var image = image
      image.size = EvaluatedImage.Size(width: 300, height: 300)
      if uncertain {
        for index in image.detections.indices {
          image.detections[index].uncertainty = DetectionUncertainty(
            bald: Float(index) / 10, entropy: Float(index % 3) / 3, objectnessMean: 0.5,
            objectnessVariance: 0.25 / Float(index + 1))
          image.detections[index].expectedIoU = Float(index % 5) / 5
          image.detections[index].probability = DetectionProbability(
            right: Float(index % 4) / 4, placed: 0.5, classRight: 0.5, quality: 0.5)
        }
      }
      return image
    }
  }

  @Test func theReportHoldsTheMetrics() throws {
    let images = images()
    let report = try TrustReport(
      images: images, classNames: names,
      options: .init(bootstrap: Bootstrap(draws: 40), pool: ThreadPool(threadCount: 2)))
    let matched = try MatchedDetections(images, classNames: names)
    let kept = matched.withConfidence(atLeast: 0.05)
    let overall = report.overall
    let decisions = kept.decisions(in: images)
    #expect(overall.decisions.count == kept.pooled.count)
    #expect(overall.decisions.wrong == kept.pooled.count(where: \.isWrong))
    #expect(overall.decisions.calibration.error.value == CalibrationError(decisions).value)
    #expect(overall.boxCalibration.value == BoxCalibrationError(kept, images: images)?.value)
    #expect(
      overall.decisions.calibration.qualityError.value
        == LocalizationCalibrationError(decisions).value)
    #expect(overall.decisions.calibration.brier.value == ProbabilityScores(decisions).brier)
    #expect(
      overall.decisions.calibration.negativeLogLikelihood.value
        == ProbabilityScores(decisions).negativeLogLikelihood)
    #expect(overall.localization.error.value == LocalizationRecallPrecision(matched).values[0])
    #expect(overall.decisions.errorFinding.map(\.score) == UncertaintyScore.ofDetections)
    for finding in overall.decisions.errorFinding {
      let own = try #require(ErrorDetection(decisions, score: finding.score))
      #expect(finding.areaUnderROC.value == own.areaUnderROC)
      #expect(finding.excessAreaUnderRiskCoverage.value == own.excessAreaUnderRiskCoverage)
      let area = try #require(finding.areaUnderROC.value)
      let interval = try #require(finding.areaUnderROC.interval)
      #expect(interval.lower <= area && area <= interval.upper)
    }
    #expect(report.classes.map(\.name) == names)
    #expect(report.classes.map(\.decisions.count).reduce(0, +) == overall.decisions.count)
    #expect(report.classes.allSatisfy { $0.decisions.calibration.error.interval == nil })
    #expect(
      report.classes[1].decisions.calibration.brier.value
        == ProbabilityScores(kept.ofClass(1).decisions).brier)
    #expect(report.riskCoverage.count == UncertaintyScore.ofDetections.count)
  }

  @Test func theJSONKeysAreTheContract() throws {
    var report = try EvaluationReport(
      images: images(), classNames: names, metrics: [.voc12], bootstrap: Bootstrap(draws: 40))
    report.trust = try TrustReport(
      images: images(), classNames: names, options: .init(bootstrap: Bootstrap(draws: 40)))
    report.comparison = try EvaluationComparison(
      of: images(), with: images(), name: "other", classNames: names, metrics: [.voc12],
      bootstrap: Bootstrap(draws: 40))
    report.references = [try ReferenceTool.frcnn.evaluate(images(), classNames: names)]
    let root = try #require(
      try JSONSerialization.jsonObject(with: report.json()) as? [String: Any])
    let trust = try #require(root["trust"] as? [String: Any])
    let keys = ["all", "classes", "mistakes", "operatingPoint", "reliability", "scoreFloor"]
    #expect(trust.keys.sorted() == keys)
    let all = try #require(trust["all"] as? [String: Any])
    let calibration = try #require(all["calibration"] as? [String: Any])
    #expect(calibration.keys.sorted() == ["boxDECE", "brier", "dECE", "laECE", "nll"])
    // No bin of box and confidence has enough detections.
    #expect(calibration["boxDECE"] is NSNull)
    let error = try #require(calibration["dECE"] as? [String: Any])
    #expect((error["interval"] as? [String: Double])?["level"] == 0.95)
    let scores = try #require(all["errorDetection"] as? [String: [String: Any]])
    #expect(Set(scores.keys) == Set(UncertaintyScore.ofDetections.map(\.rawValue)))
    #expect(scores["bald"]?["pavpu"] is Double)
    let metrics = try #require(root["metrics"] as? [String: [String: Any]])
    let classes = try #require(metrics["voc12"]?["classes"] as? [String: [String: Any]])
    #expect(classes["a"]?["apInterval"] is [String: Double])
    let against = try #require(root["against"] as? [String: Any])
    #expect(against["name"] as? String == "other")
    #expect((root["references"] as? [[String: Any]])?.first?["tool"] as? String == "frcnn")
  }

  @Test func whatIsUndefinedIsNotMadeUp() throws {
    let plain = images(uncertain: false)
    let report = try TrustReport(images: plain, classNames: names)
    #expect(report.overall.decisions.errorFinding.map(\.score) == [.confidence])
    let loud = plain.map { image in
      var image = image
      image.detections[0].confidence = 7
      image.size = nil
      return image
    }
    let other = try TrustReport(images: loud, classNames: names)
    #expect(other.overall.decisions.calibration.error.value == nil && other.reliability == nil)
    let matched = try MatchedDetections(loud, classNames: names)
    let error = try #require(LocalizationRecallPrecision(matched).values[0])
    #expect(other.overall.localization.error.value == error && error > 0)
    #expect(other.table.contains("calibration  n/a"))
    let nothing = try TrustReport(
      images: [EvaluatedImage(id: "a", objects: [])], classNames: names,
      options: .init(bootstrap: Bootstrap(draws: 10)))
    #expect(nothing.overall.decisions.count == 0 && nothing.operatingPoint == nil)
    #expect(nothing.table.contains("trust in the 0 detections"))
  }

  @Test func theTableIsShort() throws {
    let report = try TrustReport(
      images: images(), classNames: names, options: .init(bootstrap: Bootstrap(draws: 40)))
    let lines = report.table.split(separator: "\n")
    #expect(lines.count <= 26)
    #expect(lines.contains { $0.hasPrefix("  BALD") })
    #expect(lines.contains { $0.hasPrefix("  threshold ") })
    // It fits a terminal.
    #expect(lines.allSatisfy { $0.count <= 81 }, "\(report.table)")
  }
}
