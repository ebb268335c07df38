import Evaluation
import Foundation

/// What the numbers of a run ask for, the most worthwhile first.
enum NextSteps {
  /// Numbers of a class that rest on fewer objects say little.
  static let fewObjects = 20
  /// What is so many points below the mean is worth more data.
  static let farBelow = 0.1
  /// Confidences that are off by more than this are worth repairing.
  static let badlyCalibrated = 0.05

  /// Of a detector.
  static func steps(_ run: ReportRun, classNames: [String]) -> [String] {
    let results = run.evaluation.results.compactMap { metric, result -> VOCEvaluation? in
      guard metric == .voc12, case .voc(let evaluation) = result else { return nil }
      return evaluation
    }
    let classes = results.first?.classes ?? []
    let counted = classes.compactMap { item in item.averagePrecision.map { (item, $0) } }
    let mean = results.first?.meanAveragePrecision ?? 0
    var steps = weak(
      counted.map { ($0.name, $1) }, mean: mean, measure: "AP",
      advice: "label more images that show it")
    let few = classes.filter { $0.objects > 0 && $0.objects < fewObjects }
    if !few.isEmpty {
      steps.append(
        "Judge on more images: the numbers of "
          + list(few.map { "\($0.name) (\($0.objects) object\($0.objects == 1 ? "" : "s"))" })
          + " rest on very few objects.")
    }
    return steps + (run.evaluation.verdict?.steps ?? [])
  }

  /// Of a classifier.
  static func steps(_ run: ClassifierRun, classNames: [String]) -> [String] {
    let scored = zip(classNames, run.report.classes).compactMap { name, row in
      row.f1.map { (name, $0) }
    }
    let mean = scored.map(\.1).reduce(0, +) / Double(max(scored.count, 1))
    var steps = weak(
      scored, mean: mean, measure: "F1", advice: "add images of it, or look at its labels")
    if let worst = run.confusions.first?.pair {
      steps.append(
        "Look at the \(worst.count) images of \(classNames[worst.label]) that were taken for"
          + " \(classNames[worst.answer]), the most frequent confusion.")
    }
    if let error = run.report.figures.first(where: { $0.key == "ece15" })?.estimate {
      steps += calibration(error, "ECE")
    }
    return steps
  }

  /// Of a network of keypoints.
  static func steps(_ run: KeypointRun) -> [String] {
    let scored = run.report.rows.compactMap { row in
      row.figures.first?.estimate.value.map { (row.name, $0) }
    }
    let mean = scored.map(\.1).reduce(0, +) / Double(max(scored.count, 1))
    let measure = run.report.rows.first?.figures.first?.title ?? ""
    return weak(scored, mean: mean, measure: measure, advice: "add images in which it is labelled")
      + calibration(run.report.trust.calibration.error, "ECE")
  }

  /// The three worst of those that are far below the mean.
  private static func weak(
    _ scored: [(name: String, value: Double)], mean: Double, measure: String, advice: String
  ) -> [String] {
    scored.filter { $0.value < mean - farBelow }.sorted { $0.value < $1.value }.prefix(3).map {
      "\($0.name) has \(measure) \(ReportText.percent($0.value)) %, the mean is"
        + " \(ReportText.percent(mean)) %: \(advice)."
    }
  }

  private static func calibration(_ error: Estimate, _ name: String) -> [String] {
    guard let value = error.value, (error.interval?.lower ?? value) > badlyCalibrated else {
      return []
    }
    return [
      "Confidences are off by \(ReportText.percent(value)) % (\(name)): detector calibrate makes them"
        + " probabilities."
    ]
  }

  private static func list(_ names: [String]) -> String {
    names.count < 2
      ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
  }
}

extension ReportPage {
  /// The box with what to do next, for each run; nil where the numbers ask for nothing.
  static func nextSteps(_ runs: [(name: String, steps: [String])]) -> [Block] {
    let filled = runs.filter { !$0.steps.isEmpty }
    return filled.flatMap { run -> [Block] in
      [
        .heading(runs.count > 1 ? "What to do next: \(run.name)" : "What to do next"),
        .steps(run.steps),
      ]
    }
  }
}
