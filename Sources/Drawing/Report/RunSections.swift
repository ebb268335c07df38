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
  /// Every choice that its training was started with, by name.
  var options: [EvaluationReport.Setting] { get }
  /// How its training went.
  var course: RunCourse { get }
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
    let settings = [table(rows + more)] + options
    // Several runs make the table wide.
    blocks +=
      runs.count > 1
      ? settings + [.table(classes)] : [.beside([settings, [.table(classes)]])]
    return ReportPage.Section(
      id: "evaluated", title: "What was evaluated",
      hint:
        "Numbers are only worth something on images that the model has not learned from, and the"
        + " best weights of a run are a choice made with its validation images: compare the data named"
        + " here with the rows on training and validation.",
      blocks: blocks)
  }

  /// The choices that training was started with: those in which runs differ, and all of them to unfold.
  private var options: [ReportPage.Block] {
    var names: [String] = []
    for option in runs.flatMap(\.options) where !names.contains(option.name) {
      names.append(option.name)
    }
    guard !names.isEmpty else { return [] }
    func values(_ name: String) -> [String] {
      runs.map { run in run.options.first { $0.name == name }?.value ?? "–" }
    }
    func rows(_ names: [String]) -> [[ReportPage.Cell]] {
      names.map { name in [ReportPage.Cell(name)] + values(name).map { ReportPage.Cell($0) } }
    }
    let different = names.filter { Set(values($0)).count > 1 }
    return
      (different.isEmpty
      ? [] : [table(rows(different), caption: "Options of training in which the runs differ")])
      + [.folded("All \(names.count) options of training", [table(rows(names))])]
  }

  /// Loss, score and rate over the iterations; nil if no run has a log.
  var training: ReportPage.Section? {
    guard runs.contains(where: { !$0.course.isEmpty }) else { return nil }
    var blocks: [ReportPage.Block] = []
    if runs.count > 1 {
      let plots = RunCourse.overlaid(runs.map { ($0.name, $0.course) })
      blocks.append(.plots(plots.map { ($0, "\($0.title) of all runs", 440) }))
    }
    blocks += runs.flatMap { run -> [ReportPage.Block] in
      let heading = ReportPage.Block.heading(run.name)
      guard !run.course.isEmpty else {
        return [heading, .warning("This run's folder has no log of its training.")]
      }
      let plots = run.course.plots(title: run.name).map {
        ($0, "\($0.yLabel) of \(run.name)", 380)
      }
      return [heading, .plots(plots)] + (oneEvaluation(of: run.course).map { [.text($0)] } ?? [])
    }
    return ReportPage.Section(
      id: "training", title: "How training went",
      hint:
        "The loss, which training makes smaller (upwards, equal steps are equal factors), should"
        + " fall and level off; \(score) on the validation images should rise. If \(score) falls while"
        + " the loss still does, the model learns its training images by heart."
        + (hasAuxiliary
          ? " The auxiliary loss is that of the Bayesian branch, which learns the same decision beside the"
            + " network's own and says how sure it is." : ""),
      blocks: blocks)
  }

  private var hasAuxiliary: Bool {
    runs.contains { $0.course.losses.contains { $0.name == "auxiliary" && !$0.points.isEmpty } }
  }

  private func oneEvaluation(of course: RunCourse) -> String? {
    guard !course.scores.contains(where: { $0.points.count > 1 }) else { return nil }
    let values = course.scores.compactMap { curve in
      curve.points.first.map {
        "\(curve.name) \(ReportText.percent($0.y)) % at iteration \(Int($0.x))"
      }
    }
    return values.isEmpty
      ? "There was no evaluation during training."
      : "There was one evaluation on the validation images: \(score) "
        + values.joined(separator: ", ") + "."
  }

  /// Whether confidences can be taken at their word: a diagram for each run, with words below it; nil for
  /// a run that has nothing to draw.
  ///
  /// - Parameters:
  ///   - unit: What has a confidence, such as `boxes`.
  ///   - error: What the mean distance from the line is called.
  ///   - plot: A run's diagram.
  /// - Returns: The section.
  func reliability(
    of unit: String, error: String, plot: (Run) -> (plot: ReliabilityPlot, caption: String)?
  ) -> ReportPage.Section {
    ReportPage.Section(
      id: "reliability", title: "Can the confidence be taken at its word?",
      hint:
        "Of all \(unit) with about 70 % confidence, 70 % should be right: then the curve lies on"
        + " the grey line. Below it the model is too sure of itself, above it too modest. The steps"
        + " below show how many \(unit) each point stands for; \(error) is their mean distance from"
        + " the line.",
      blocks: [
        columns { run in
          guard let (plot, caption) = plot(run) else {
            return [.text("There are no \(unit) to draw.")]
          }
          let plots = ReportPage.Block.plots([
            (plot.curve, "reliability diagram of \(run.name)", 420),
            (plot.histogram, "share of \(unit) by confidence of \(run.name)", 260),
          ])
          return caption.isEmpty ? [plots] : [plots, .text(caption)]
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
  ) throws -> ReportPage.Section? {
    let figures = try runs.map(figures)
    guard figures.contains(where: { !$0.isEmpty }) else { return nil }
    return ReportPage.Section(
      id: id, title: title, hint: hint,
      blocks: zip(runs, figures).flatMap { run, shown -> [ReportPage.Block] in
        [
          .heading(run.name + (order(run).map { ", " + $0 } ?? "")),
          shown.isEmpty ? .text(none) : .figures(shown),
        ]
      })
  }

  /// Points more or less than the first run, a column for each of the others: rows are a number's name,
  /// whether more of it is better, and how it differs in a run.
  func differences(
    _ rows: [(title: String, higherIsBetter: Bool, value: (Run) -> EstimatedDifference?)]
  ) -> ReportPage.Section? {
    let others = runs.dropFirst()
    guard !others.isEmpty else { return nil }
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
      blocks: [
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
  /// Plots beside each other where there is room, each with what it shows and its height.
  static func plots(
    _ plots: [(plot: LinePlot, description: String, height: Int)]
  ) -> ReportPage.Block {
    .figures(
      plots.map { plot, description, height in
        ReportPage.Figure([
          ReportPage.Picture(
            plot: plot, width: ReportPage.plotWidth, height: height, description)
        ])
      })
  }

  /// A plot with a caption.
  static func plot(
    _ plot: LinePlot, _ description: String, height: Int = 460, caption: String = ""
  ) -> ReportPage.Block {
    let picture = ReportPage.Picture(
      plot: plot, width: ReportPage.plotWidth, height: height, description)
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
