package import Evaluation
import Geometry
import Images

/// What a report shows of a run, whatever its model is for.
package protocol ReportedRun: Sendable {
  /// What the run is called on the page; different for all runs.
  var name: String { get }
  /// What it was and how it was run, such as weights and input size.
  var settings: [EvaluationReport.Setting] { get }
  /// What makes the numbers look better than they are, one sentence each.
  var cautions: [String] { get }
  /// Losses over the iterations; empty without a log.
  var losses: [RunPlots.Curve] { get }
  /// Scores on the validation images over the iterations; empty without evaluations.
  var validation: [RunPlots.Curve] { get }
}

/// The parts of a report that are the same for all tasks.
struct RunSections<Run: ReportedRun> {
  /// At least one; the others are compared with the first.
  let runs: [Run]
  /// What images the runs were judged on, as a reader would name it.
  let data: String
  /// What was left out of the data, one line a reason.
  let problems: [String]
  /// What the score on the validation images is called, such as `mAP`.
  let score: String

  /// One entry a run.
  func columns(_ blocks: (Run) throws -> [ReportPage.Block]) rethrows -> ReportPage.Block {
    .columns(try runs.map { ReportPage.Column(title: $0.name, blocks: try blocks($0)) })
  }

  /// A row of a table with a column for each run.
  func row(
    _ title: String, _ note: String, _ cell: (Run) -> ReportPage.Cell
  ) -> [ReportPage.Cell] {
    [ReportPage.Cell(title, note: note)] + runs.map(cell)
  }

  /// A table with a column for each run.
  func table(_ rows: [[ReportPage.Cell]], caption: String = "", first: String = "")
    -> ReportPage.Block
  {
    .table(ReportPage.Table(caption: caption, header: [first] + runs.map(\.name), rows: rows))
  }

  /// What the images were, what to beware of and how each run was used.
  ///
  /// - Parameters:
  ///   - imageCount: Images that the runs were judged on.
  ///   - more: Rows below the settings of the runs.
  ///   - classes: A table of the classes.
  /// - Returns: The section.
  func evaluated(
    imageCount: Int, more: [[ReportPage.Cell]] = [], classes: ReportPage.Table
  ) -> ReportPage.Section {
    var names: [String] = []
    for setting in runs.flatMap(\.settings) where !names.contains(setting.name) {
      names.append(setting.name)
    }
    let rows = names.map { name in
      row(name, "") { run in
        ReportPage.Cell(run.settings.first { $0.name == name }?.value ?? "–")
      }
    }
    var blocks: [ReportPage.Block] = [.text("Data: \(data), \(imageCount) images.")]
    if !problems.isEmpty {
      blocks.append(
        .warning(
          "Not everything could be used; the numbers are of the rest. Left out: "
            + problems.joined(separator: "; ") + "."))
    }
    blocks += runs.flatMap { run in run.cautions.map { .warning("\(run.name): \($0)") } }
    blocks += [table(rows + more), .table(classes)]
    return ReportPage.Section(
      id: "evaluated", title: "What was evaluated",
      hint:
        "Numbers are only worth something on images that the model has not learned from, and the"
        + " best weights of a run are a choice made with its validation images: compare the data named"
        + " here with the rows on training and validation.",
      blocks: blocks)
  }

  /// Loss and score over the iterations.
  var training: ReportPage.Section {
    get throws {
      ReportPage.Section(
        id: "training", title: "How training went",
        hint:
          "The loss, which training makes smaller (upwards, equal steps are equal factors), should"
          + " fall and level off; \(score) on the validation images should rise. If \(score) falls while"
          + " the loss still does, the model learns its training images by heart.",
        blocks: [
          try columns { run in
            let plots = RunPlots(title: run.name)
            if (run.losses + run.validation).allSatisfy(\.points.isEmpty) {
              return [.warning("This run's folder has no log of its training.")]
            }
            let losses = try ReportPage.Block.figure(
              plots.losses(run.losses, width: ReportPage.plotWidth, height: 420),
              "losses of \(run.name)")
            return [losses, try validation(run, plots)]
          }
        ])
    }
  }

  /// A curve needs two evaluations.
  private func validation(_ run: Run, _ plots: RunPlots) throws -> ReportPage.Block {
    guard run.validation.contains(where: { $0.points.count > 1 }) else {
      let values = run.validation.compactMap { curve in
        curve.points.first.map {
          "\(curve.name) \(ReportText.percent($0.y)) % at iteration \(Int($0.x))"
        }
      }
      return .text(
        values.isEmpty
          ? "There was no evaluation during training."
          : "There was one evaluation on the validation images: \(score) "
            + values.joined(separator: ", ") + ".")
    }
    return try .figure(
      plots.scores(run.validation, of: score, width: ReportPage.plotWidth, height: 340),
      "evaluation of \(run.name) during training")
  }

  /// Whether confidences can be taken at their word: a diagram for each run, with words below it; nil for
  /// a run that has nothing to draw.
  ///
  /// - Parameters:
  ///   - unit: What has a confidence, such as `boxes`.
  ///   - error: What the mean distance from the line is called.
  ///   - plot: A run's diagram.
  /// - Returns: The section.
  /// - Throws: `ImageError` for pictures that cannot be encoded.
  func reliability(
    of unit: String, error: String, plot: (Run) -> (plot: ReliabilityPlot, caption: String)?
  ) throws -> ReportPage.Section {
    ReportPage.Section(
      id: "reliability", title: "Can the confidence be taken at its word?",
      hint:
        "Of all \(unit) with about 70 % confidence, 70 % should be right: then the curve lies on"
        + " the grey line. Below it the model is too sure of itself, above it too modest. The steps"
        + " below show how many \(unit) each point stands for; \(error) is their mean distance from"
        + " the line.",
      blocks: [
        try columns { run in
          guard let (plot, caption) = plot(run) else {
            return [.text("There are no \(unit) to draw.")]
          }
          return [
            try .figure(
              plot.curve.image(width: ReportPage.plotWidth, height: 420),
              "reliability diagram of \(run.name)", caption: caption),
            try .figure(
              plot.histogram.image(width: ReportPage.plotWidth, height: 240),
              "share of \(unit) by confidence of \(run.name)"),
          ]
        }
      ])
  }

  /// Pictures of every run, one run below the other.
  ///
  /// - Parameters:
  ///   - id: The section's anchor.
  ///   - title: Its heading.
  ///   - hint: How to read it.
  ///   - none: Said of a run without pictures.
  ///   - order: What a run's pictures are ordered by; nil where the hint says it.
  ///   - figures: A run's pictures.
  /// - Returns: The section.
  /// - Throws: `ImageError` for pictures that cannot be encoded.
  func examples(
    id: String, title: String, hint: String, none: String, order: (Run) -> String? = { _ in nil },
    figures: (Run) throws -> [ReportPage.Figure]
  ) rethrows -> ReportPage.Section {
    ReportPage.Section(
      id: id, title: title, hint: hint,
      blocks: try runs.flatMap { run -> [ReportPage.Block] in
        let shown = try figures(run)
        return [
          .heading(run.name + (order(run).map { ", by " + $0 } ?? "")),
          shown.isEmpty ? .text(none) : .figures(shown),
        ]
      })
  }

  /// Points more or less than the first run, a column for each of the others: rows are a number's name,
  /// whether more of it is better, and how it differs in a run.
  func differences(
    _ rows: [(title: String, higherIsBetter: Bool, value: (Run) -> EstimatedDifference?)]
  ) -> ReportPage.Section {
    let others = runs.dropFirst()
    let cells = rows.map { entry in
      [
        ReportPage.Cell(
          entry.title, note: entry.higherIsBetter ? "higher is better" : "lower is better")
      ]
        + others.map { ReportText.cell(entry.value($0), higherIsBetter: entry.higherIsBetter) }
    }
    return ReportPage.Section(
      id: "differences", title: "Differences from the first run",
      hint:
        "Both runs are judged on the same resampled images, so that easy and hard ones cancel out;"
        + " where the interval holds 0, these images do not tell the two runs apart. It says nothing"
        + " about training again with another seed.",
      blocks: others.isEmpty
        ? [.text("There is one run only, and nothing to compare it with.")]
        : [
          .table(
            ReportPage.Table(
              caption: "Points more or less than \(runs[0].name)",
              header: [""] + others.map(\.name), rows: cells))
        ])
  }
}

extension ReportPage {
  /// The width of plots, pixels.
  static let plotWidth = 640
  /// More curves in one frame, or columns of a table with room for words, cannot be told apart.
  static let fewClasses = 6
}

extension ReportPage.Block {
  /// A drawing; words in its place if there is none.
  static func figure(
    _ image: Image?, _ description: String, caption: String = ""
  ) throws -> ReportPage.Block {
    guard let image else { return .text("No \(description).") }
    let picture = try ReportPage.Picture(drawing: image, description)
    return .figures([ReportPage.Figure([picture], caption: caption)])
  }
}

extension ReportPage.Cell {
  /// A number, or a dot for none, so that the others stand out.
  static func count(_ number: Int, of total: Int) -> ReportPage.Cell {
    ReportPage.Cell(
      number == 0 ? "·" : "\(number)", shade: Double(number) / Double(max(total, 1)))
  }
}

extension ReportText {
  /// What the brackets around numbers say and what they leave out.
  static func intervals(_ bootstrap: Bootstrap?) -> String {
    guard let bootstrap else { return "The numbers have no intervals." }
    let level = number(100 * bootstrap.level)
    return
      "What the brackets say: \(bootstrap.draws) new sets of photos were drawn from these, each of the"
      + " same size, with some photos more than once and some not at all, and every number was"
      + " computed anew for each; the interval is as wide as the middle \(level) % of the results, and"
      + " lies around the number. It tells how far the number hangs on which photos were taken, not"
      + " what training again would change or what wrong annotations do. Numbers without brackets are"
      + " counts, or were measured once."
  }
}
