import Files
import Foundation

/// What an evaluation comes to, in a few sentences: which score tells wrong detections and which does not, which
/// threshold to take, what to mend first, and which command comes next.
package struct EvaluationVerdict: Hashable, Sendable {
  /// What is known of the model besides its detections.
  package struct Subject: Hashable, Sendable {
    /// The run's folder; nil for files, and for models that are no run.
    package var run: String?
    /// Whether the run has a map of confidences.
    package var hasCalibration = false
    /// Whether the run has thresholds.
    package var hasThresholds = false
    /// Whether the mistakes are shown beside the verdict.
    package var hasReport = false

    /// A model that is no run.
    package init() {}
  }

  /// What the numbers come to.
  package let findings: [String]
  /// What to do about it.
  package let steps: [String]
  /// All of it, to be read one after the other.
  package var sentences: [String] { findings + steps }

  /// The verdict on detections; without any it says so.
  package init(_ trust: TrustReport, on subject: Subject = Subject()) {
    let decisions = trust.overall.decisions
    guard decisions.count > 0 else {
      findings = []
      steps = [
        "Nothing was found with a confidence of \(Self.number(trust.options.scoreFloor)) or more:"
          + " train longer, or look at what it was trained on with detector check."
      ]
      return
    }
    findings =
      [Self.telling(decisions), Self.misleading(decisions)].compactMap(\.self)
      + Self.threshold(trust, subject)
    steps = [Self.repair(trust)].compactMap(\.self) + [Self.next(trust, subject)]
  }

  // MARK: - Scores

  private static func telling(_ decisions: DecisionTrust) -> String {
    guard decisions.wrong > 0, decisions.wrong < decisions.count else {
      return decisions.wrong == 0
        ? "All detections are right, so that no score can tell wrong ones."
        : "All detections are wrong, so that no score can tell them."
    }
    let findings = decisions.errorFinding
    // Another score has to be better than the confidence on other images too.
    let better = findings.filter { finding in
      guard let gain = finding.areaUnderROCGain else { return false }
      return gain.interval.map { $0.lower > 0 } ?? (gain.value ?? 0 > 0)
    }
    func area(_ finding: DecisionTrust.ErrorFinding) -> Double {
      finding.areaUnderROC.value ?? 0
    }
    guard let best = better.max(by: { area($0) < area($1) }), let gain = best.areaUnderROCGain
    else {
      guard let plain = findings.first(where: { $0.score == .confidence }) else {
        return "No score tells wrong detections."
      }
      return area(plain) > 0.5
        ? "Wrong detections are told by \(plain.score.title), AUROC \(plain.areaUnderROC.text()); no other"
          + " score is clearly better."
        : "No score tells wrong detections; that of the confidence is AUROC \(plain.areaUnderROC.text())."
    }
    return
      "Wrong detections are told best by \(best.score.title), AUROC \(best.areaUnderROC.text()): "
      + "\(gain.text()) more than by the confidence"
      + (best.score == .confidenceAndExpectedIoU ? "; --rank expected-iou ranks by it." : ".")
  }

  private static func misleading(_ decisions: DecisionTrust) -> String? {
    let worse = decisions.errorFinding.filter { ($0.areaUnderROC.value ?? 1) < 0.5 }
    let named = worse.map { "\($0.score.title) (AUROC \($0.areaUnderROC.text()))" }
    guard !named.isEmpty else { return nil }
    let isSure = worse.allSatisfy { ($0.areaUnderROC.interval?.upper ?? 0) < 0.5 }
    return "Do not use \(list(named)): "
      + (named.count == 1 ? "it tells wrong detections " : "they tell wrong detections ")
      + (isSure ? "worse than chance." : "worse than chance here, if not surely elsewhere.")
  }

  // MARK: - Thresholds

  private static func threshold(_ trust: TrustReport, _ subject: Subject) -> [String] {
    guard let balance = trust.balance else {
      return ["No detection is right, so that no threshold helps."]
    }
    var lines = [
      "Take detections from confidence \(number(Double(balance.confidence))) on: there precision is "
        + "\(NumberText.percent(balance.precision)) %, recall \(NumberText.percent(balance.recall)) %, and F1 "
        + "is largest, \(NumberText.percent(balance.f1)) %."
    ]
    let target = number(100 * trust.options.maximumRisk)
    let curve = trust.riskCoverage.first { $0.score == .confidence }?.curve
    if trust.operatingPoint == nil, let reached = curve?.leastPromise() {
      lines.append(
        "No threshold promises at most \(target) % wrong ones; the least that one promises is "
          + "\(NumberText.percent(reached.upperRisk)) %, from confidence "
          + "\(number(1 - reached.point.score)) on, of which "
          + "\(NumberText.percent(reached.point.coverage, digits: 0)) % are.")
    }
    return lines
  }

  // MARK: - What to do

  private static func repair(_ trust: TrustReport) -> String? {
    let mistakes = trust.mistakes
    let knowsPlace = trust.overall.decisions.errorFinding.contains { $0.score == .expectedIoU }
    let kinds = ErrorBreakdown.Kind.allCases
    guard
      let worst = kinds.max(by: { (mistakes.gains[$0] ?? 0) < (mistakes.gains[$1] ?? 0) }),
      let gain = mistakes.gains[worst], gain > 0
    else { return nil }
    return
      "What costs most is \(worst.title) (\(mistakes.total[worst]), \(NumberText.percent(gain)) points of "
      + "mAP): \(worst.remedy(knowsPlace: knowsPlace))."
  }

  private static func next(_ trust: TrustReport, _ subject: Subject) -> String {
    guard let run = subject.run else {
      return
        "Next: detector calibrate, with the same model on other images, for confidences that are "
        + "probabilities."
    }
    let error = trust.overall.decisions.calibration.error.value
    if !subject.hasCalibration {
      let reason =
        error.map { ": confidences are off by \(NumberText.percent($0)) % (D-ECE)" } ?? ""
      return "Next: detector calibrate --run \(run)\(reason)."
    }
    if !subject.hasThresholds {
      return "Next: detector calibrate --run \(run) --thresholds f1, for a threshold of each class."
    }
    return subject.hasReport
      ? "Next: detector select IMAGES --run \(run), for images that are worth labelling."
      : "Next: detector report \(run), which shows the mistakes."
  }

  private static func number(_ value: Double) -> String { String(format: "%.3g", value) }

  private static func list(_ names: [String]) -> String {
    names.count < 2
      ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
  }
}

extension ErrorBreakdown.Kind {
  /// What helps against it, in half a sentence.
  fileprivate func remedy(knowsPlace: Bool) -> String {
    switch self {
    case .duplicate: "a smaller --nms suppresses more of what lies on one object"
    case .localization:
      "a larger --size, anchors of these data (--anchors auto) or longer training place boxes better"
        + (knowsPlace ? "" : ", and train --place iou says which are badly placed")
    case .wrongClass:
      "look at the confusions in detector report, and at the labels of those classes with detector check"
    case .wrongClassAndLocalization:
      "it has not learned enough: train longer, or on more images of those classes"
    case .background:
      "look at some in detector report: objects that nobody marked, or images of nothing that training lacks"
    case .missed: "a larger --size for small objects, or more images of what is missed"
    }
  }
}
