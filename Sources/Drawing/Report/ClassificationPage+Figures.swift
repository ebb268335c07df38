import Evaluation
import Foundation

extension ClassificationPage {
  var reliability: ReportPage.Section {
    get {
      parts.reliability(of: "answers", error: "ECE") { (ReliabilityPlot($0.report), "") }
    }
  }

  var riskCoverage: ReportPage.Section {
    get {
      ReportPage.Section(
        id: "risk-coverage", title: "What is gained by asking a person?",
        hint:
          "Images are sorted by how sure the model is, and only the surest share is kept: the curve"
          + " gives how many of those are answered wrongly. The lower it is on the left, the better"
          + " the score knows its mistakes; the grey line would know them all. Beside each name stands"
          + " the area below its curve (AURC, lower is better).",
        blocks: [
          parts.columns { run in
            let sentences = run.report.riskCoverage.compactMap { score, curve in
              ReportText.handingOver(score, curve, of: "images", measure: "accuracy")
            }
            return [
              .plot(RiskCoveragePlot(run.report).plot, "risk-coverage curves of \(run.name)"),
              .text("All images: " + sentences.joined(separator: "; ") + "."),
            ]
          }
        ])
    }
  }

  /// A table of more classes than this cannot be read.
  private static let mostColumns = 40

  var confusion: ReportPage.Section {
    let isShown = classNames.count <= Self.mostColumns
    return ReportPage.Section(
      id: "confusion", title: "What is taken for what?",
      hint: "A row holds the images of a class, a column what the classifier called them. The"
        + " diagonal is right. The stronger the colour, the larger the share of its row.",
      blocks: [
        parts.columns { run in
          guard isShown else {
            return [
              .text(
                "\(classNames.count) classes make no table that can be read; the most frequent"
                  + " confusions stand in the next section.")
            ]
          }
          let rows = run.report.confusion.enumerated().map { index, counts in
            let images = counts.reduce(0, +)
            return [ReportPage.Cell(classNames[index])] + counts.map { .count($0, of: images) }
          }
          return [
            .table(
              ReportPage.Table(
                header: ["class"] + classNames, rows: rows,
                isDense: classNames.count > ReportPage.fewClasses))
          ]
        }
      ])
  }

  var confused: ReportPage.Section {
    get throws {
      var blocks: [ReportPage.Block] = []
      for run in runs {
        blocks.append(.heading(run.name))
        if run.confusions.isEmpty { blocks.append(.text("No answer is wrong.")) }
        for (pair, examples) in run.confusions {
          let images = max(run.report.classes[pair.label].images, 1)
          let share = ReportText.percent(Double(pair.count) / Double(images))
          blocks.append(
            .text(
              "\(classNames[pair.label]) taken for \(classNames[pair.answer]): \(pair.count) images,"
                + " \(share) % of the class"))
          blocks.append(.figures(try examples.map { try figure($0, of: run) }))
        }
      }
      return ReportPage.Section(
        id: "confused", title: "The most frequent confusions",
        hint:
          "Pairs of classes with the most wrong answers, each with the images whose wrong answer was"
          + " surest. Look whether the classes can be told apart at this size, and whether the labels"
          + " are right.", blocks: blocks)
    }
  }

  var confidentMistakes: ReportPage.Section? {
    get throws {
      try parts.examples(
        id: "worst", title: "The most confident mistakes",
        hint:
          "Wrong answers that the model was surest of. Look whether the model is wrong or the label"
          + " is; if BALD (what the model does not know) is low too, nothing warned of the mistake.",
        none: "No answer is wrong."
      ) { run in try run.confidentMistakes.map { try figure($0, of: run) } }
    }
  }

  var mostUncertain: ReportPage.Section? {
    get throws {
      try parts.examples(
        id: "uncertain", title: "The most uncertain answers",
        hint:
          "What the model itself would ask about; photos like these are worth labelling for more"
          + " training.", none: "There are no images.",
        order: {
          $0.usesBALD ? "by BALD" : "by entropy of the probabilities, as the model has no BALD"
        }
      ) { run in try run.mostUncertain.map { try figure($0, of: run) } }
    }
  }

  private func figure(
    _ example: ClassifierExample, of run: ClassifierRun
  ) throws -> ReportPage.Figure {
    let caption = example.caption(run.usesBALD ? "BALD" : "entropy")
    return ReportPage.Figure(
      [try ReportPage.Picture(photo: example.picture, caption)], caption: caption)
  }
}
