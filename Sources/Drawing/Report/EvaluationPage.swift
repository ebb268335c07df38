import Detection
import Evaluation
import Foundation
import Uncertainty

/// The report on one or several runs on the same images: how accurate they are, how far their numbers
/// can be trusted, and what their mistakes look like.
package struct EvaluationPage: Sendable {
  /// What the images are, as a reader would name it.
  package var data: String
  /// What was left out of the data, one line a reason; empty if all is there.
  package var problems: [String]
  /// Names of the classes of all runs.
  package var classNames: [String]
  /// At least one; the others are compared with the first.
  package var runs: [ReportRun]

  /// A report on runs that were evaluated on the same images by the same rules.
  package init(data: String, problems: [String] = [], classNames: [String], runs: [ReportRun]) {
    precondition(!runs.isEmpty, "no run")
    self.data = data
    self.problems = problems
    self.classNames = classNames
    self.runs = runs
  }

  /// The page.
  ///
  /// - Throws: `ImageError` for pictures that cannot be encoded.
  package func page() throws -> ReportPage {
    let count = runs[0].evaluation.counts.imageCount
    let names = runs.map(\.name).joined(separator: ", ")
    return ReportPage(
      title: "Detection report: \(names)",
      introduction: [
        "An object detector looks at a photo and draws boxes; with each box it names a class and says"
          + " how sure it is, its confidence from 0 to 100 %. People have marked the true objects of"
          + " \(count) photos. A box is right if its class is that of a marked object and the two"
          + " overlap enough (\(overlapRule)), and only one box per object counts. All numbers are in"
          + " per cent; in brackets stands an interval: in 95 of 100 repetitions with other photos of"
          + " the same kind it would hold the true value."
      ],
      sections: [
        summary, evaluated, try precisionRecall, try reliability, try riskCoverage, confusion,
        mistakes, try training, try confidentMistakes, try mostUncertain, differences,
      ])
  }

  private var overlapRule: String {
    let matcher = runs[0].evaluation.matcher
    let sign = matcher.comparison == .atLeast ? "at least" : "more than"
    return
      "shared area \(sign) \(String(format: "%g", 100 * matcher.threshold)) % of the area that both cover together"
  }

  /// One entry a run.
  func columns(_ blocks: (ReportRun) throws -> [ReportPage.Block]) rethrows -> ReportPage.Block {
    .columns(try runs.map { ReportPage.Column(title: $0.name, blocks: try blocks($0)) })
  }

  // MARK: - Tables

  private var summary: ReportPage.Section {
    func row(
      _ title: String, _ note: String, _ cell: (ReportRun) -> ReportPage.Cell
    ) -> [ReportPage.Cell] {
      [ReportPage.Cell(title, note: note)] + runs.map(cell)
    }
    func finding(_ run: ReportRun, _ score: UncertaintyScore) -> Estimate? {
      run.evaluation.trust?.overall.decisions.errorFinding.first { $0.score == score }?.areaUnderROC
    }
    func precision(_ run: ReportRun, _ metric: EvaluationMetric) -> ReportPage.Cell {
      ReportText.cell(
        run.evaluation.meanAveragePrecision(metric),
        run.evaluation.intervals[metric]?.mean.interval)
    }
    let rows = [
      row("mAP voc07", "accuracy, higher is better; VOC2007's rule, 11 points") {
        precision($0, .voc07)
      },
      row("mAP voc12", "accuracy, higher is better; the whole curve's area") {
        precision($0, .voc12)
      },
      row("oLRP", "misses, false alarms and loose boxes in one error, lower is better") {
        ReportText.cell($0.evaluation.trust?.overall.localization.error)
      },
      row("D-ECE", "gap between confidence and how often it is right, lower is better") {
        ReportText.cell($0.evaluation.trust?.overall.decisions.calibration.error)
      },
      row(
        "AUROC of 1 − confidence",
        "how well low confidence gives mistakes away; 100 always, 50 is chance, less misleads"
      ) {
        ReportText.cell(finding($0, .confidence))
      },
      row("AUROC of BALD", "the same for the model's own uncertainty; n/a if it has none") {
        ReportText.cell(finding($0, .bald))
      },
      row("images", "") { ReportPage.Cell("\($0.evaluation.counts.imageCount)") },
      row("seconds", "to find the objects in all images, reading them included") {
        ReportPage.Cell(ReportText.number($0.seconds, digits: 1))
      },
    ]
    return ReportPage.Section(
      id: "summary", title: "Summary",
      hint:
        "Each column is a run; two runs whose intervals overlap widely may be equally good, and the"
        + " last section tests that image by image.",
      blocks: [
        .table(ReportPage.Table(header: [""] + runs.map(\.name), rows: rows)),
        .text(intervals),
      ])
  }

  /// What the brackets say and what they leave out.
  private var intervals: String {
    guard let bootstrap = runs[0].evaluation.trust?.options.bootstrap else {
      return "The numbers have no intervals."
    }
    let level = String(format: "%g", 100 * bootstrap.level)
    return
      "What the brackets say: \(bootstrap.draws) new sets of photos were drawn from these, each of the"
      + " same size, with some photos more than once and some not at all, and every number was"
      + " computed anew for each; the interval is as wide as the middle \(level) % of the results, and"
      + " lies around the number. It tells how far the number hangs on which photos were taken, not"
      + " what training again would change or what wrong annotations do. Numbers without brackets are"
      + " counts, or were measured once."
  }

  private var evaluated: ReportPage.Section {
    var names: [String] = []
    for setting in runs.flatMap(\.settings) where !names.contains(setting.name) {
      names.append(setting.name)
    }
    var rows = names.map { name in
      [ReportPage.Cell(name)]
        + runs.map { run in
          ReportPage.Cell(run.settings.first { $0.name == name }?.value ?? "–")
        }
    }
    rows.append(
      ["right from an overlap of"]
        + runs.map {
          ReportPage.Cell(String(format: "%g %%", 100 * $0.evaluation.matcher.threshold))
        })
    let counts = runs[0].evaluation.counts
    let objects = ReportPage.Table(
      caption: "Objects of \(data)", header: ["class", "objects", "difficult, not counted"],
      rows: counts.classes.map {
        [.init($0.name), .init("\($0.objects)"), .init("\($0.difficult)")]
      })
    var blocks: [ReportPage.Block] = [
      .text("Data: \(data), \(counts.imageCount) images.")
    ]
    if !problems.isEmpty {
      blocks.append(
        .warning(
          "Not everything could be used; the numbers are of the rest. Left out: "
            + problems.joined(separator: "; ") + "."))
    }
    blocks += runs.flatMap { run in run.cautions.map { .warning("\(run.name): \($0)") } }
    blocks += [
      .table(ReportPage.Table(header: [""] + runs.map(\.name), rows: rows)), .table(objects),
    ]
    return ReportPage.Section(
      id: "evaluated", title: "What was evaluated",
      hint:
        "Numbers are only worth something on images that the model has not learned from, and the"
        + " best weights of a run are a choice made with its validation images: compare the data named"
        + " here with the rows on training and validation.",
      blocks: blocks)
  }

  private var mistakes: ReportPage.Section {
    let rows = ErrorBreakdown.Kind.allCases.map { kind in
      [ReportPage.Cell(kind.name, note: kind.meaning)]
        + runs.map { run in
          let mistakes = run.evaluation.trust?.mistakes
          let gain = mistakes?.gains[kind]
          return ReportPage.Cell(
            mistakes.map { "\($0.total[kind])" } ?? "n/a",
            note: gain.map { "mAP +\(ReportText.percent($0))" } ?? "",
            shade: mistakes?.share(of: kind) ?? 0)
        }
    }
    return ReportPage.Section(
      id: "mistakes", title: "Kinds of mistakes",
      hint:
        "The large number counts mistakes among boxes of any confidence; the small one says by how many"
        + " points mAP (voc12) would rise if this kind alone were put right. The most strongly"
        + " coloured cell of a column is what to work on first.",
      blocks: [.table(ReportPage.Table(header: [""] + runs.map(\.name), rows: rows))])
  }

  private var differences: ReportPage.Section {
    let others = runs.dropFirst()
    var blocks: [ReportPage.Block] = []
    if others.isEmpty {
      blocks.append(.text("There is one run only, and nothing to compare it with."))
    } else {
      func row(
        _ title: String, higherIsBetter: Bool, _ value: (ReportRun) -> EstimatedDifference?
      ) -> [ReportPage.Cell] {
        [ReportPage.Cell(title, note: higherIsBetter ? "higher is better" : "lower is better")]
          + others.map { ReportText.cell(value($0), higherIsBetter: higherIsBetter) }
      }
      var rows: [[ReportPage.Cell]] = []
      for metric in EvaluationMetric.voc {
        func result(_ run: ReportRun) -> AveragePrecisionDifference? {
          run.comparison?.differences.first { $0.metric == metric }?.result
        }
        rows.append(
          row("mAP \(metric.rawValue)", higherIsBetter: true) { result($0)?.mean })
        if metric == .voc12 {
          for (index, name) in classNames.enumerated() {
            rows.append(
              row("AP voc12 of \(name)", higherIsBetter: true) { result($0)?.classes[index] })
          }
        }
      }
      rows += [
        row("oLRP", higherIsBetter: false) { $0.trustDifference?.localization },
        row("D-ECE", higherIsBetter: false) { $0.trustDifference?.calibration },
        row("AUROC of 1 − confidence", higherIsBetter: true) { $0.trustDifference?.areaUnderROC },
      ]
      blocks.append(
        .table(
          ReportPage.Table(
            caption: "Points more or less than \(runs[0].name)", header: [""] + others.map(\.name),
            rows: rows)))
    }
    return ReportPage.Section(
      id: "differences", title: "Differences from the first run",
      hint:
        "Both runs are judged on the same resampled images, so that easy and hard ones cancel out;"
        + " where the interval holds 0, these images do not tell the two runs apart. It says nothing"
        + " about training again with another seed.",
      blocks: blocks)
  }
}

extension ErrorBreakdown.Kind {
  /// What it is called where the kinds above it are not read along.
  fileprivate var name: String {
    self == .wrongClassAndLocalization ? "wrong class, badly placed" : title
  }

  /// What it is, for people who do not know the name.
  fileprivate var meaning: String {
    switch self {
    case .duplicate: "another box on an object that was found already"
    case .localization: "the class is right, the box is too far off"
    case .wrongClass: "the box is right, the class is not"
    case .wrongClassAndLocalization: "it touches an object of another class"
    case .background: "nothing is annotated there"
    case .missed: "an object that no box points at"
    }
  }
}
