import Evaluation
import Foundation

/// The report on one or several networks of keypoints on the same images: how many they find, how far off
/// they are, how far their scores can be trusted, and what their mistakes look like.
package struct KeypointPage: Sendable {
  /// What the images are, as a reader would name it.
  package var data: String
  /// What was left out of the data, one line a reason; empty if all is there.
  package var problems: [String]
  /// At least one; the others are compared with the first.
  package var runs: [KeypointRun]
  /// What the score on the validation images is called.
  package var score: String

  /// A report on runs that were judged on the same images.
  package init(data: String, problems: [String] = [], runs: [KeypointRun], score: String) {
    precondition(!runs.isEmpty, "no run")
    self.data = data
    self.problems = problems
    self.runs = runs
    self.score = score
  }

  /// Whether persons are judged; otherwise centres of objects.
  private var isOfPersons: Bool { runs[0].report.kind == .joints }
  private var unit: String { isOfPersons ? "joints" : "peaks" }

  /// The page.
  ///
  /// - Throws: `ImageError` for pictures that cannot be encoded.
  package func page() throws -> ReportPage {
    let names = runs.map(\.name).joined(separator: ", ")
    let report = runs[0].report
    let what =
      isOfPersons
      ? "A network looks at a person and draws a map for each joint; the highest place of the map is where"
        + " it says the joint is, and the map's height there says how sure it is. People have marked the"
        + " joints of \(report.sampleCount) persons in \(report.imageCount) photos."
      : "A network draws a map for each kind of object; a peak of the map is where it says an object is, and"
        + " its height says how sure it is. People have marked the objects of \(report.imageCount) photos."
    return ReportPage(
      title: "\(isOfPersons ? "Keypoint" : "Centre") report: \(names)",
      introduction: [
        what
          + " Shares are in per cent; in brackets stands an interval: in 95 of 100 repetitions with other"
          + " photos of the same kind it would hold the true value."
      ],
      sections: [
        summary, evaluated, try rows, reliability, riskCoverage, parts.training,
        try confidentMistakes, try mostUncertain, differences,
      ].compactMap(\.self))
  }

  private var parts: RunSections<KeypointRun> {
    RunSections(runs: runs, data: data, problems: problems, score: score)
  }

  private func cell(_ figure: KeypointReport.Figure?) -> ReportPage.Cell {
    guard let figure else { return "n/a" }
    return figure.unit == .share
      ? ReportText.cell(figure.estimate) : ReportText.plainCell(figure.estimate)
  }

  private var summary: ReportPage.Section {
    let report = runs[0].report
    var rows = (report.figures + report.similarity).map { figure in
      parts.row(figure.title, figure.unit == .pixels ? "pixels of the photo" : "") { run in
        cell((run.report.figures + run.report.similarity).first { $0.key == figure.key })
      }
    }
    for score in scores {
      rows.append(
        parts.row(
          "AUROC of \(score.title)",
          score == .confidence
            ? "how well low peaks give wrong \(unit) away; 100 always, 50 is chance" : ""
        ) { run in
          ReportText.cell(
            run.report.trust.errorFinding.first { $0.score == score }?.areaUnderROC)
        })
    }
    rows += [
      parts.row("wrong \(unit)", "") {
        ReportPage.Cell("\($0.report.trust.wrong) of \($0.report.trust.count)")
      },
      parts.row("seconds", "to look at all images, reading them included") {
        ReportPage.Cell(ReportText.number($0.seconds, digits: 1))
      },
    ]
    return ReportPage.Section(
      id: "summary", title: "Summary",
      hint:
        "Each column is a run; two runs whose intervals overlap widely may be equally good, and the"
        + " last section tests that image by image.",
      blocks: [parts.table(rows), .text(ReportText.intervals(runs[0].bootstrap))]
        + ReportPage.nextSteps(runs.map { ($0.name, NextSteps.steps($0)) })
        + (report.withoutSimilarity.map { [.text($0 + ".")] } ?? []))
  }

  /// The scores that some run has.
  private var scores: [UncertaintyScore] {
    UncertaintyScore.allCases.filter { score in
      runs.contains { $0.report.trust.errorFinding.contains { $0.score == score } }
    }
  }

  private var evaluated: ReportPage.Section {
    let report = runs[0].report
    return parts.evaluated(
      imageCount: report.imageCount,
      classes: ReportPage.Table(
        caption: "Labels of \(data)", header: [isOfPersons ? "keypoint" : "kind", "annotated"],
        rows: report.rows.map { [.init($0.name), .init("\($0.annotated)")] }))
  }

  private var rows: ReportPage.Section {
    get throws {
      var section = table
      guard isOfPersons else { return section }
      section.blocks.append(
        parts.columns { run in
          guard let errors = run.report.errors else { return [] }
          return [
            .plot(
              PCKPlot(errors).plot, "correct keypoints of \(run.name) by threshold",
              caption:
                "The share of joints that are closer than a threshold, in units of the reference.")
          ]
        })
      return section
    }
  }

  private var table: ReportPage.Section {
    let report = runs[0].report
    let cells = report.rows.enumerated().map { index, row in
      parts.row(row.name, "\(row.annotated) annotated") { run in
        let own = run.report.rows[index]
        guard let first = own.figures.first else { return "n/a" }
        let more = own.figures.dropFirst().map { "\($0.title) \($0.plain)" }
        return ReportPage.Cell(
          first.plain, note: more.joined(separator: ", "), shade: first.estimate.value ?? 0)
      }
    }
    let first = report.rows.first?.figures.first?.title ?? ""
    return ReportPage.Section(
      id: "joints", title: isOfPersons ? "Which joints are found?" : "Which kinds are found?",
      hint: "The large number is \(first), in per cent; errors are in pixels of the photo.",
      blocks: [parts.table(cells, first: isOfPersons ? "keypoint" : "kind")])
  }

  private var reliability: ReportPage.Section {
    get {
      parts.reliability(of: unit, error: "ECE") { run in
        ReliabilityPlot(run.report).map { ($0, "") }
      }
    }
  }

  private var riskCoverage: ReportPage.Section {
    get {
      ReportPage.Section(
        id: "risk-coverage", title: "What is gained by asking a person?",
        hint:
          "The \(unit) are sorted by how sure the model is, and only the surest share is kept: the curve"
          + " gives how many of those are wrong. The lower it is on the left, the better the score knows"
          + " its mistakes; the grey line would know them all. Beside each name stands the area below its"
          + " curve (AURC, lower is better).",
        blocks: [
          parts.columns { run in
            guard let plot = RiskCoveragePlot(run.report) else {
              return [.text("There are no \(unit) to draw.")]
            }
            return [
              .plot(
                plot.plot, "risk-coverage curves of \(run.name)")
            ]
          }
        ])
    }
  }

  private var confidentMistakes: ReportPage.Section? {
    get throws {
      try parts.examples(
        id: "worst", title: "The most confident mistakes",
        hint:
          "Wrong \(unit) with the highest peaks. Look whether the model is wrong or the label is, and"
          + " whether left and right were taken for each other.", none: "Nothing is wrong."
      ) { run in try run.confidentMistakes.map(figure) }
    }
  }

  private var mostUncertain: ReportPage.Section? {
    get throws {
      try parts.examples(
        id: "uncertain", title: "The most uncertain \(unit)",
        hint:
          "What the model itself would ask about; photos like these are worth labelling for more"
          + " training.", none: "There are none.", order: { "by " + $0.measure.title }
      ) { run in try run.mostUncertain.map(figure) }
    }
  }

  private func figure(_ example: KeypointExample) throws -> ReportPage.Figure {
    ReportPage.Figure(
      [try ReportPage.Picture(photo: example.picture, example.caption)],
      caption: example.caption)
  }

  private var differences: ReportPage.Section? {
    // A run of the same keypoints has the same numbers.
    let entries = runs.dropFirst().first?.differences ?? []
    return parts.differences(
      entries.map { entry in
        (
          entry.title, entry.higherIsBetter,
          { run in run.differences.first { $0.title == entry.title }?.difference }
        )
      })
  }
}
