package import Compute
import Foundation
import Keypoints

extension KeypointReport {
  /// How centres of objects are judged.
  package struct CenterRule: Hashable, Sendable {
    /// How far a peak may be from its object, pixels of the network's input, for the rows and for right
    /// and wrong.
    package var radius: Double
    /// Further radii.
    package var furtherRadii: [Double]
    /// Peaks of this height and above count; chosen on other images.
    package var threshold: Float

    /// A rule; 4 pixels, and for comparison 2 and 8.
    package init(radius: Double = 4, furtherRadii: [Double] = [2, 8], threshold: Float) {
      self.radius = radius
      self.furtherRadii = furtherRadii
      self.threshold = threshold
    }

    /// All radii, ascending.
    package var radii: [Double] { Set([radius] + furtherRadii).sorted() }
  }

  /// Judges peaks at the centres of objects.
  ///
  /// - Parameters:
  ///   - samples: Every image of the split, also those without peaks.
  ///   - rule: What is right.
  ///   - bootstrap: How intervals are made; none without.
  ///   - pool: Threads to draw on; nil for the caller's alone.
  /// - Throws: As ``MatchedPeaks/init(_:radius:from:)``.
  package init(
    centers samples: [JudgedKeypoints], rule: CenterRule, bootstrap: Bootstrap? = nil,
    pool: ThreadPool? = nil
  ) throws {
    let radii = rule.radii
    let scores = try radii.map {
      try PeakScores(samples, radius: $0, threshold: rule.threshold)
    }
    let main = radii.firstIndex(of: rule.radius) ?? 0
    let matched = try MatchedPeaks(samples, radius: rule.radius, from: rule.threshold)
    let values = Bootstrap.estimates(
      of: CombinedStatistic(scores, imageCount: matched.imageCount), bootstrap, pool: pool)
    func figure(
      _ number: PeakScores.Number, radius: Int, group: Int? = nil, isNamed: Bool = true
    ) -> Figure {
      let place =
        radius * scores[radius].valueCount + scores[radius].place(of: number, group: group)
      let suffix = isNamed ? String(format: "@%g", radii[radius]) : ""
      return Figure(
        key: number.rawValue + suffix, title: number.title, estimate: values[place],
        unit: number.unit)
    }
    // How many peaks there are does not depend on the radius.
    let counts = [PeakScores.Number.countError, .countDeviation]
    let others = PeakScores.Number.allCases.filter { !counts.contains($0) }
    self.init(
      .centers, imageCount: matched.imageCount, sampleCount: samples.count,
      figures: radii.indices.flatMap { radius in others.map { figure($0, radius: radius) } }
        + counts.map { figure($0, radius: main, isNamed: false) },
      rows: matched.layout.names.enumerated().map { group, name in
        Row(
          name: name, annotated: matched.objectCount(of: group),
          figures: PeakScores.Number.allCases.map {
            figure($0, radius: main, group: group, isNamed: false)
          })
      },
      decisions: matched.decisions,
      settings: [
        EvaluationReport.Setting("radius", String(format: "%g px of the input", rule.radius)),
        EvaluationReport.Setting("height", String(format: "≥ %g", rule.threshold)),
      ],
      notes: scores[main].greedyCount > 0
        ? [
          "in \(scores[main].greedyCount) images more than \(PeakMatching.limit) peaks lie within reach"
            + " of each other: there peaks take the nearest object by falling height"
        ] : [], bootstrap: bootstrap, pool: pool)
  }
}

extension PeakScores.Number {
  /// What tables call it.
  package var title: String {
    switch self {
    case .precision: "precision"
    case .recall: "recall"
    case .f1: "F1"
    case .ap: "AP"
    case .meanError: "mean px"
    case .medianError: "median px"
    case .countError: "count MAE"
    case .countDeviation: "count RMSE"
    }
  }

  /// How people read it.
  var unit: KeypointReport.Unit {
    switch self {
    case .precision, .recall, .f1, .ap: .share
    case .meanError, .medianError: .pixels
    case .countError, .countDeviation: .number
    }
  }
}
