import Evaluation
import Foundation
import Geometry
import Images
import Uncertainty

extension EvaluationPage {
  var precisionRecall: ReportPage.Section {
    get {
      let rows = classNames.enumerated().map { index, name in
        [ReportPage.Cell(name)]
          + runs.map { run in
            let estimate = run.evaluation.intervals[.voc12]?.classes[index]
            return ReportText.cell(estimate)
          }
      }
      return ReportPage.Section(
        id: "precision-recall", title: "Precision and recall",
        hint:
          "Going down in confidence, a curve moves to the right as more of the objects are found"
          + " (recall) and falls as more of the boxes are wrong (precision): the further to the upper"
          + " right, the better; the area below it is the class's AP.",
        blocks: blocks(
          parts.columns { run in
            guard let plot = Self.precisionRecall(run.evaluation) else {
              return [.text("There is no curve to draw.")]
            }
            let description = "precision-recall curves of \(run.name)"
            guard plot.panels.count > ReportPage.fewClasses else {
              // To the right of the frame the names hide no curve.
              return [.plot(plot.overview, description)]
            }
            return [
              .text(
                "\(plot.overview.title). To the right recall, upwards precision; beside"
                  + " the name of a class its AP; grey is the mean of all."),
              .panels(
                plot.panels.map { name, plot in
                  ReportPage.Figure([
                    .init(
                      plot: plot, width: 360, height: 280, "\(description): \(name)")
                  ])
                }),
            ]
          }, parts.table(rows, caption: "AP by class (voc12)", first: "class")))
    }
  }

  /// The table of classes beside the curves of the only run, or beside the mean curves of all of them.
  private func blocks(
    _ curves: ReportPage.Block, _ table: ReportPage.Block
  ) -> [ReportPage.Block] {
    let plots = runs.map { ($0.name, Self.precisionRecall($0.evaluation)) }
    guard runs.count > 1, let plot = PrecisionRecallPlot.overlaid(plots) else {
      return classNames.count > ReportPage.fewClasses
        ? [curves, table] : [.beside([[curves], [table]])]
    }
    return [
      .beside([[.plot(plot, "mean precision-recall curves of all runs")], [table]]), curves,
    ]
  }

  private static func precisionRecall(_ evaluation: EvaluationReport) -> PrecisionRecallPlot? {
    for (metric, result) in evaluation.results where metric == .voc12 {
      if case .voc(let evaluation) = result { return PrecisionRecallPlot(evaluation) }
    }
    return nil
  }

  var reliability: ReportPage.Section {
    get {
      parts.reliability(of: "boxes", error: "D-ECE") { run in
        guard let trust = run.evaluation.trust, let plot = ReliabilityPlot(trust) else {
          return nil
        }
        let error = ReportText.cell(trust.overall.decisions.calibration.error)
        return (plot, "D-ECE \(error.text) % \(error.note)")
      }
    }
  }

  var riskCoverage: ReportPage.Section {
    get {
      ReportPage.Section(
        id: "risk-coverage", title: "What is gained by asking a person?",
        hint:
          "Boxes are sorted by how sure the model is, and only the surest share is kept: the curve"
          + " gives how many of those are wrong. The lower it is on the left, the better the score"
          + " knows its mistakes; the grey line would know them all, and a curve that falls to the"
          + " right belongs to a score that is surer of wrong boxes than of right ones. Beside each"
          + " name stands the area below its curve (AURC, lower is better); 1 - confidence (1 - BALD)"
          + " calls a box uncertain if either of the two does.",
        blocks: [
          parts.columns { run in
            guard let trust = run.evaluation.trust, let plot = RiskCoveragePlot(trust) else {
              return [.text("There are no detections to draw.")]
            }
            let floor = String(format: "%g", trust.options.scoreFloor)
            let figure = ReportPage.Block.plot(
              plot.plot, "risk-coverage curves of \(run.name)")
            var blocks: [ReportPage.Block] = []
            if let balance = run.balance {
              let best = String(format: "%.3f", balance.confidence)
              blocks.append(
                .text(
                  "Boxes with confidence ≥ \(best) (where F1, the balance of precision and recall, is"
                    + " best on these images): \(Self.sentences(run.riskAtBalance))"))
            }
            blocks.append(
              .text(
                "All boxes of the figure, confidence ≥ \(floor):"
                  + " \(Self.sentences(trust.riskCoverage))"))
            return [.beside([[figure], blocks])]
          }
        ])
    }
  }

  private static func sentences(
    _ curves: [(score: UncertaintyScore, curve: RiskCoverage)]
  ) -> String {
    curves.filter { $0.score == .confidence || $0.score == .bald }
      .compactMap {
        ReportText.handingOver($0.score, $0.curve, of: "boxes", measure: "precision")
      }.joined(separator: "; ") + "."
  }

  var confusion: ReportPage.Section {
    ReportPage.Section(
      id: "confusion", title: "What is taken for what?",
      hint: "A row holds the annotated objects of a class, a column what the detector called them."
        + " The diagonal is right; 'missed' were not found; the last row holds boxes where no object"
        + " was left to find. The stronger the colour, the larger the share of its row.",
      blocks: [
        parts.columns { run in
          let matrix = run.confusion
          let total = matrix.background.reduce(0, +)
          var rows = classNames.indices.map { index in
            let objects = matrix.objects(of: index)
            return [ReportPage.Cell(classNames[index])]
              + (matrix.counts[index] + [matrix.missed[index]]).map {
                .count($0, of: objects)
              }
          }
          rows.append(
            ["nothing there"]
              + matrix.background.map { .count($0, of: total) }
              + ["–"])
          return [
            .table(
              ReportPage.Table(
                header: ["annotated"] + classNames + ["missed"], rows: rows,
                isDense: classNames.count > ReportPage.fewClasses)),
            .text(Self.threshold(run)),
          ]
        }
      ])
  }

  private static func threshold(_ run: ReportRun) -> String {
    let confidence = String(format: "%.3f", run.confusion.confidence)
    guard let balance = run.balance else {
      return
        "Boxes with confidence ≥ \(confidence); none is right at any confidence, so that no best"
        + " threshold exists."
    }
    return "Boxes with confidence ≥ \(confidence), where F1 is largest:"
      + " \(ReportText.percent(balance.f1)) % (precision \(ReportText.percent(balance.precision)) %,"
      + " recall \(ReportText.percent(balance.recall)) %, all classes together)."
  }

  // MARK: - Examples

  var confidentMistakes: ReportPage.Section? {
    get throws {
      try parts.examples(
        id: "worst", title: "The most confident mistakes",
        hint: "Wrong boxes that the model was surest of: orange is the detection, blue what is"
          + " annotated. Look whether the model is wrong or the annotation is; if BALD (what the model"
          + " does not know) is low too, nothing warned of the mistake.",
        none: "No detection is wrong."
      ) { try $0.confidentMistakes.map(Self.figure) }
    }
  }

  var mostUncertain: ReportPage.Section? {
    get throws {
      try parts.examples(
        id: "uncertain", title: "The most uncertain detections",
        hint:
          "What the model itself would ask about: orange is the detection, blue what is annotated."
          + " With BALD the right picture shows where in the photo the model does not know, at each place"
          + " the most doubtful of its anchors; the ring marks the cell whose anchor gave the box, with the"
          + " value of that anchor alone. Photos like these are worth annotating for more training.",
        none: "There are no detections.",
        order: { $0.orderText }
      ) { try $0.mostUncertain.map(Self.figure) }
    }
  }

  /// Objects that no box found, in both of the tables above.
  var missedObjects: ReportPage.Section? {
    get throws {
      try parts.examples(
        id: "missed", title: "Missed objects",
        hint:
          "Objects that no box found at the confidence where F1 is largest, spread evenly over all that"
          + " were missed: blue is the object, orange what was found around it. Look whether they are small,"
          + " hidden, or not worth finding.",
        none: "No object is missed.", order: { "\($0.confusion.missedObjects.count) missed" }
      ) { run in
        try run.missed.map {
          ReportPage.Figure([try .init(photo: $0.picture, $0.caption)], caption: $0.caption)
        }
      }
    }
  }

  /// Whole photos that nothing was chosen by.
  var typicalImages: ReportPage.Section? {
    get throws {
      try parts.examples(
        id: "typical", title: "Typical results",
        hint:
          "Whole photos at equal steps through the data, not chosen by how well they went: blue is what"
          + " is annotated, orange what was found at the confidence where F1 is largest.",
        none: "There are no images."
      ) { run in
        try run.typical.map {
          ReportPage.Figure([try .init(photo: $0.picture, $0.caption)], caption: $0.caption)
        }
      }
    }
  }

  private static func figure(_ example: ReportExample) throws -> ReportPage.Figure {
    var pictures = [try ReportPage.Picture(photo: example.picture, example.caption)]
    if let map = example.map {
      pictures.append(try .init(photo: map, "map of BALD for the same part"))
    }
    return ReportPage.Figure(pictures, caption: example.caption)
  }
}
