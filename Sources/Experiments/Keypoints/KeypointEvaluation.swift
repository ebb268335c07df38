package import Compute
import Datasets
package import Evaluation
import Foundation
import Tasks

/// How keypoints are found and judged, as far as a user says it.
package struct KeypointRules: Equatable, Sendable {
  /// What distances are divided by; nil: what people use for data like these.
  package var reference: KeypointReference?
  /// α of PCK, the first one for rows and verdicts; empty: .5 of heads, .2 of anything else.
  package var thresholds: [Double] = []
  /// Radii of peaks in pixels of the network's input, the first one for rows and verdicts.
  package var radii: [Double] = [4, 2, 8]
  /// The height that peaks must have; nil: ``usualThreshold``.
  package var peakThreshold: Float?
  /// The ids of the images that ``peakThreshold`` was chosen on, as far as it is known.
  package var thresholdImageIDs: Set<String> = []
  /// Whether the mirrored image is looked at, too.
  package var mirrors = false

  /// Of peaks where nobody chose one.
  package static let usualThreshold: Float = 0.3

  package init() {}

  /// The same with the threshold of peaks that `detector calibrate --thresholds` has left in a run's
  /// folder, where nobody says another.
  ///
  /// - Throws: `FileError`.
  package func completed(by choice: ModelChoice) throws -> KeypointRules {
    guard peakThreshold == nil, let path = choice.ownThresholds else { return self }
    var rules = self
    let chosen = try ClassThresholds(contentsOf: URL(filePath: path))
    rules.peakThreshold = chosen.pooled.threshold
    rules.thresholdImageIDs = Set(chosen.imageIDs)
    return rules
  }

  /// How maps are read; peaks are kept from low ones on, for curves.
  var settings: HeatmapSettings {
    var settings = HeatmapSettings()
    settings.mirrors = mirrors
    return settings
  }

  /// How joints are judged.
  func joints(_ samples: [JudgedKeypoints]) -> KeypointReport.JointRule {
    KeypointReport.JointRule(
      reference ?? .usual(for: samples), threshold: thresholds.first,
      furtherThresholds: Array(thresholds.dropFirst()))
  }

  /// How centres are judged.
  var centers: KeypointReport.CenterRule {
    KeypointReport.CenterRule(
      radius: radii[0], furtherRadii: Array(radii.dropFirst()),
      threshold: peakThreshold ?? Self.usualThreshold)
  }
}

/// Judges a network of keypoints on a split.
package struct KeypointEvaluation {
  /// Resamples of the images behind each interval; 0: no intervals.
  package var draws = 1000
  /// Chooses the resamples.
  package var seed: UInt64 = 1
  /// Persons, or images, that are run at once.
  package var batchSize = 32
  /// How keypoints are found and judged.
  package var rules = KeypointRules()
  /// Whose numbers to give besides; of persons.
  package var tools: [KeypointTool] = []

  package init() {}

  /// Looks at every image and computes everything.
  ///
  /// - Parameters:
  ///   - choice: The network.
  ///   - data: What it is judged on; of sets that name no split `val`.
  ///   - backend: Does the work.
  ///   - console: Told what was recognised and left out.
  /// - Returns: The numbers.
  /// - Throws: `DataError`, `FileError`, `EvaluationError`, ``UsageError``.
  package func run(
    _ choice: ModelChoice, on data: DataChoice, backend: any Backend, _ console: Console
  ) throws -> KeypointReport {
    if try choice.task() == CenterTask.self {
      guard tools.isEmpty else {
        throw UsageError("--reference is for persons; this network finds centres of objects")
      }
      return try report(
        choice, on: data, of: ObjectCenters.self, backend: backend, console
      ) {
        try KeypointReport(
          centers: $0, rule: rules.centers, bootstrap: $1, pool: backend.pool)
      }
    }
    return try report(
      choice, on: data, of: PersonJoints.self, backend: backend, console
    ) {
      try KeypointReport(
        joints: $0, rule: rules.joints($0), tools: tools, bootstrap: $1, pool: backend.pool)
    }
  }

  private func report<Kind: HeatmapTarget>(
    _ choice: ModelChoice, on data: DataChoice, of _: Kind.Type, backend: any Backend,
    _ console: Console, judging: ([JudgedKeypoints], Bootstrap?) throws -> KeypointReport
  ) throws -> KeypointReport {
    let network = try KeypointNetwork<Kind>(choice, settings: rules.settings, backend: backend)
    let samples = try network.read(data, console)
    let judged = try network.look(at: samples.samples, batchSize: batchSize, console)
    var report = try judging(
      judged.images, draws > 0 ? Bootstrap(draws: draws, seed: seed) : nil)
    report.settings += [
      .init("input", "\(network.input.width)x\(network.input.height)"),
      .init("decoding", network.task.decoding),
    ]
    if rules.mirrors { report.settings.append(.init("flip test", "yes")) }
    if !Kind.isPerson, rules.peakThreshold == nil {
      report.notes.append(
        "peaks from \(KeypointRules.usualThreshold) on count, which nobody chose for these data; "
          + "AP does not depend on it")
    }
    let chosenOn = judged.indices.count {
      rules.thresholdImageIDs.contains(samples.samples[$0].id)
    }
    if chosenOn > 0 {
      report.notes.append(
        "\(chosenOn) of these \(judged.indices.count) images chose the height from which peaks count: "
          + "precision, recall and F1 are a little too good")
    }
    report.notes +=
      DataProblem.summary(of: samples.problems.filter { !$0.kind.isUsed } + judged.leftOut)
      .map { "left out of the data: " + $0 } + DataProblem.summary(of: judged.notes)
      + (KnownImages(choice)?.cautions(judging: judged.indices.map { samples.samples[$0] }) ?? [])
    report.unreadableImages = judged.leftOut.count
    return report
  }
}
