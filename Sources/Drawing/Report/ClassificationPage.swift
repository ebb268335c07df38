import Evaluation
import Foundation

/// The report on one or several classifiers on the same images: how accurate they are, how far their
/// probabilities can be trusted, what they confuse and what their mistakes look like.
package struct ClassificationPage: Sendable {
  /// What the images are, as a reader would name it.
  package var data: String
  /// What was left out of the data, one line a reason; empty if all is there.
  package var problems: [String]
  /// Names of the classes of all runs.
  package var classNames: [String]
  /// At least one; the others are compared with the first.
  package var runs: [ClassifierRun]
  /// What the score on the validation images is called.
  package var score: String

  /// A report on runs that were judged on the same images.
  package init(
    data: String, problems: [String] = [], classNames: [String], runs: [ClassifierRun],
    score: String
  ) {
    precondition(!runs.isEmpty, "no run")
    self.data = data
    self.problems = problems
    self.classNames = classNames
    self.runs = runs
    self.score = score
  }

  /// The page.
  ///
  /// - Throws: `ImageError` for pictures that cannot be encoded.
  package func page() throws -> ReportPage {
    let names = runs.map(\.name).joined(separator: ", ")
    return ReportPage(
      title: "Classification report: \(names)",
      introduction: [
        "A classifier looks at a photo and gives every class a probability; the most probable class is"
          + " its answer, and that probability says how sure it is. People have named the true class of"
          + " \(runs[0].report.imageCount) photos. All numbers are in per cent unless they say"
          + " otherwise; in brackets stands an interval: in 95 of 100 repetitions with other photos of"
          + " the same kind it would hold the true value."
      ],
      sections: [
        summary, evaluated, reliability, riskCoverage, confusion, try confused, classes,
        parts.training, try confidentMistakes, try mostUncertain, differences,
      ].compactMap(\.self))
  }

  /// What all reports have.
  var parts: RunSections<ClassifierRun> {
    RunSections(runs: runs, data: data, problems: problems, score: score)
  }

  private var summary: ReportPage.Section {
    var rows = runs[0].report.figures.map { figure in
      parts.row(figure.title, Self.meaning(of: figure.key)) { run in
        let own = run.report.figures.first { $0.key == figure.key }?.estimate
        return figure.isShare ? ReportText.cell(own) : ReportText.plainCell(own)
      }
    }
    for score in scores {
      func telling(_ run: ClassifierRun) -> ClassificationReport.Telling? {
        run.report.wrongAnswers.first { $0.score == score }
      }
      rows.append(
        parts.row(
          "AUROC of \(score.title)",
          score == .confidence
            ? "how well low confidence gives wrong answers away; 100 always, 50 is chance" : ""
        ) { ReportText.cell(telling($0)?.areaUnderROC) })
      guard score == .confidence || score == .bald else { continue }
      rows += [
        parts.row(
          "FPR95 of \(score.title)",
          "wrong answers that stay where 95 % of the right ones are kept, lower is better"
        ) { ReportText.cell(telling($0)?.passing) },
        parts.row("AURC of \(score.title)", "area below the curve further down, lower is better") {
          ReportText.cell(telling($0)?.areaUnderRiskCoverage)
        },
      ]
    }
    rows += [
      parts.row("images", "") { ReportPage.Cell("\($0.report.imageCount)") },
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
        + ReportPage.nextSteps(runs.map { ($0.name, NextSteps.steps($0, classNames: classNames)) }))
  }

  /// The scores that some run has.
  private var scores: [UncertaintyScore] {
    UncertaintyScore.allCases.filter { score in
      runs.contains { $0.report.wrongAnswers.contains { $0.score == score } }
    }
  }

  private static func meaning(of key: String) -> String {
    switch key {
    case "top1": "answers that are right, higher is better"
    case "top5": "images whose class is among the five most probable"
    case "balancedAccuracy": "the mean over classes of their images that are answered rightly"
    case "macroF1": "the mean over classes of F1, which balances precision and recall"
    case "ece15": "gap between confidence and how often it is right, lower is better"
    case "adaptiveECE": "the same in bins of equally many images"
    case "classwiseECE": "the same for the probability of every class, their mean"
    case "nll": "in nats: how surprised the probabilities are by the truth, lower is better"
    case "brier": "squared distance of the probabilities from the truth, 0 to 2, lower is better"
    default: ""
    }
  }

  private var evaluated: ReportPage.Section {
    let report = runs[0].report
    return parts.evaluated(
      imageCount: report.imageCount,
      classes: ReportPage.Table(
        caption: "Images of \(data)", header: ["class", "images"],
        rows: zip(classNames, report.classes).map { [.init($0), .init("\($1.images)")] }))
  }

  private var classes: ReportPage.Section {
    func number(_ value: Double?) -> String { ReportText.percent(value) }
    let rows = classNames.indices.map { index in
      parts.row(classNames[index], "\(runs[0].report.classes[index].images) images") { run in
        let row = run.report.classes[index]
        return ReportPage.Cell(
          number(row.f1), note: "precision \(number(row.precision)), recall \(number(row.recall))",
          shade: row.f1 ?? 0)
      }
    }
    return ReportPage.Section(
      id: "classes", title: "How well is each class known?",
      hint:
        "The large number is F1. A low precision says that other classes are taken for this one, a low"
        + " recall that this one is taken for others.",
      blocks: [parts.table(rows, first: "class")])
  }

  private var differences: ReportPage.Section? {
    // A run of the same classes has the same numbers.
    let entries = runs.dropFirst().first?.difference?.entries ?? []
    return parts.differences(
      entries.map { entry in
        (
          entry.title, entry.higherIsBetter,
          { run in run.difference?.entries.first { $0.title == entry.title }?.difference }
        )
      })
  }
}
