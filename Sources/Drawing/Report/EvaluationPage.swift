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
        verdicts, summary, evaluated, precisionRecall, reliability, riskCoverage, confusion,
        mistakes, parts.training, try confidentMistakes, try missedObjects, try mostUncertain,
        try typicalImages, differences,
      ].compactMap(\.self))
  }

  private var verdicts: ReportPage.Section {
    ReportPage.Section(
      id: "verdict", title: "Verdict",
      hint: "What the numbers below come to, and what to do next.",
      blocks: runs.flatMap { run in
        (run.evaluation.verdict?.findings ?? ["No metrics of trust were computed."])
          .enumerated().map { index, sentence in
            .text((runs.count > 1 && index == 0 ? "\(run.name): " : "") + sentence)
          }
      }
        + ReportPage.nextSteps(
          runs.map { ($0.name, NextSteps.steps($0, classNames: classNames)) }))
  }

  private var overlapRule: String {
    let matcher = runs[0].evaluation.matcher
    let sign = matcher.comparison == .atLeast ? "at least" : "more than"
    return
      "shared area \(sign) \(String(format: "%g", 100 * matcher.threshold)) % of the area that both cover together"
  }

  /// What all reports have.
  var parts: RunSections<ReportRun> {
    RunSections(runs: runs, data: data, problems: problems, score: "mAP")
  }

  // MARK: - Tables

  private var summary: ReportPage.Section {
    func finding(_ run: ReportRun, _ score: UncertaintyScore) -> Estimate? {
      run.evaluation.trust?.overall.decisions.errorFinding.first { $0.score == score }?.areaUnderROC
    }
    func precision(_ run: ReportRun, _ metric: EvaluationMetric) -> ReportPage.Cell {
      ReportText.cell(
        run.evaluation.meanAveragePrecision(metric),
        run.evaluation.intervals[metric]?.mean.interval)
    }
    let row = parts.row
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
        parts.table(rows), .text(ReportText.intervals(runs[0].evaluation.trust?.options.bootstrap)),
      ])
  }

  private var evaluated: ReportPage.Section {
    let counts = runs[0].evaluation.counts
    return parts.evaluated(
      imageCount: counts.imageCount,
      more: [
        parts.row("right from an overlap of", "") {
          ReportPage.Cell("\(ReportText.number(100 * $0.evaluation.matcher.threshold)) %")
        }
      ],
      classes: ReportPage.Table(
        caption: "Objects of \(data)", header: ["class", "objects", "difficult, not counted"],
        rows: counts.classes.map {
          [.init($0.name), .init("\($0.objects)"), .init("\($0.difficult)")]
        }))
  }

  private var mistakes: ReportPage.Section {
    let rows = ErrorBreakdown.Kind.allCases.map { kind in
      [ReportPage.Cell(kind.name, note: kind.meaning)]
        + runs.map { run in
          let mistakes = run.evaluation.trust?.mistakes
          let gain = mistakes?.gains[kind].map { ", mAP +\(ReportText.percent($0))" } ?? ""
          // What is missed is what the table of confusions calls so.
          let count = kind == .missed ? run.confusion.missedObjects.count : run.mistakes?[kind]
          return ReportPage.Cell(
            count.map { "\($0)" } ?? "n/a",
            note: mistakes.map { "\($0.total[kind]) at any confidence\(gain)" } ?? "",
            shade: mistakes?.share(of: kind) ?? 0)
        }
    }
    return ReportPage.Section(
      id: "mistakes", title: "Kinds of mistakes",
      hint:
        "The large number counts mistakes at the confidence of the table above, where F1 is largest: its"
        + " missed objects are those missed here. Small stand the mistakes among boxes of any confidence,"
        + " however low, and by how many points mAP (voc12) would rise if this kind alone were put right."
        + " The most strongly coloured cell of a column is what to work on first.",
      blocks: [parts.table(rows)])
  }

  private var differences: ReportPage.Section? {
    typealias Row = (
      title: String, higherIsBetter: Bool, value: (ReportRun) -> EstimatedDifference?
    )
    func result(_ run: ReportRun, _ metric: EvaluationMetric) -> AveragePrecisionDifference? {
      run.comparison?.differences.first { $0.metric == metric }?.result
    }
    let means = EvaluationMetric.voc.map { metric -> Row in
      ("mAP \(metric.rawValue)", true, { result($0, metric)?.mean })
    }
    let classes = classNames.enumerated().map { index, name -> Row in
      ("AP voc12 of \(name)", true, { result($0, .voc12)?.classes[index] })
    }
    return parts.differences(
      means + classes + [
        ("oLRP", false, { $0.trustDifference?.localization }),
        ("D-ECE", false, { $0.trustDifference?.calibration }),
        ("AUROC of 1 − confidence", true, { $0.trustDifference?.areaUnderROC }),
      ])
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
    case .missed: "an object that no box found, under whatever name"
    }
  }
}
