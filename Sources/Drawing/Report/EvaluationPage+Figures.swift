import Data
import Evaluation
import Foundation

extension EvaluationPage {
  private static let width = 640

  private static func figure(
    _ image: Image?, _ description: String, caption: String = ""
  ) throws -> ReportPage.Block {
    guard let image else { return .text("No \(description).") }
    let picture = try ReportPage.Picture(drawing: image, description)
    return .figures([ReportPage.Figure([picture], caption: caption)])
  }

  var precisionRecall: ReportPage.Section {
    get throws {
      let rows = classNames.enumerated().map { index, name in
        [ReportPage.Cell(name)]
          + runs.map { run in
            let estimate = run.evaluation.intervals[.voc12]?.classes[index]
            return ReportText.cell(estimate)
          }
      }
      return ReportPage.Section(
        id: "precision-recall", title: "Precision and recall",
        hint: "Going down in confidence, a curve moves to the right as more of the objects are found"
          + " (recall) and falls as more of the boxes are wrong (precision): the further to the upper"
          + " right, the better; the area below it is the class's AP.",
        blocks: [
          try columns { run in
            var plot = Self.overview(run.evaluation)
            let isWide = classNames.count > 6
            plot?.legend = isWide ? .right : .inside
            let image = plot?.image(
              width: isWide ? 820 : Self.width, height: max(460, 24 * classNames.count + 60))
            return [try Self.figure(image, "precision-recall curves of \(run.name)")]
          },
          .table(
            ReportPage.Table(
              caption: "AP by class (voc12)", header: ["class"] + runs.map(\.name), rows: rows)),
        ])
    }
  }

  private static func overview(_ evaluation: EvaluationReport) -> LinePlot? {
    for (metric, result) in evaluation.results where metric == .voc12 {
      if case .voc(let evaluation) = result { return PrecisionRecallPlot(evaluation).overview }
    }
    return nil
  }

  var reliability: ReportPage.Section {
    get throws {
      ReportPage.Section(
        id: "reliability", title: "Can the confidence be taken at its word?",
        hint: "Of all boxes with about 70 % confidence, 70 % should be right: then the curve lies on"
          + " the grey line. Below it the model is too sure of itself, above it too modest. The steps"
          + " below show how many boxes each point stands for; D-ECE is the mean distance from the"
          + " line.",
        blocks: [
          try columns { run in
            guard let trust = run.evaluation.trust, let plot = ReliabilityPlot(trust) else {
              return [.text("There are no detections to draw.")]
            }
            let error = ReportText.cell(trust.overall.calibration.detection)
            return [
              try Self.figure(
                plot.curve.image(width: Self.width, height: 420), "reliability diagram of \(run.name)",
                caption: "D-ECE \(error.text) % \(error.note)"),
              try Self.figure(
                plot.histogram.image(width: Self.width, height: 240),
                "share of detections by confidence of \(run.name)"),
            ]
          }
        ])
    }
  }

  /// The share of detections that a person looks at in the example.
  private static let handedOver = 0.1

  var riskCoverage: ReportPage.Section {
    get throws {
      ReportPage.Section(
        id: "risk-coverage", title: "What is gained by asking a person?",
        hint: "Boxes are sorted by how sure the model is, and only the surest share is kept: the curve"
          + " gives how many of those are wrong. The lower it is on the left, the better the score"
          + " knows its mistakes; the grey line would know them all.",
        blocks: [
          try columns { run in
            guard let trust = run.evaluation.trust, let plot = RiskCoveragePlot(trust) else {
              return [.text("There are no detections to draw.")]
            }
            let image = plot.plot.image(width: Self.width, height: 460)
            return [try Self.figure(image, "risk-coverage curves of \(run.name)")]
              + trust.riskCoverage
              .filter { $0.score == .confidence || $0.score == .bald }
              .compactMap { score, curve in Self.sentence(score, curve).map { .text($0) } }
          }
        ])
    }
  }

  static func sentence(_ score: UncertaintyScore, _ curve: RiskCoverage) -> String? {
    guard let kept = curve.handingOver(handedOver), let all = curve.points.last else { return nil }
    let measure = score == .bald ? "BALD" : "lowest confidence"
    guard kept.kept < all.kept else {
      return "By \(measure) no \(Int(100 * handedOver)) % can be set apart: too many boxes are"
        + " equally certain."
    }
    let (before, after) = (1 - all.risk, 1 - kept.risk)
    return "Sending the most uncertain \(Int(100 * handedOver)) % (by \(measure),"
      + " \(all.kept - kept.kept) of \(all.kept) boxes) to a person"
      + " \(after > before ? "raises" : after < before ? "lowers" : "leaves") precision"
      + " \(after == before ? "at" : "from") \(ReportText.percent(before)) %"
      + (after == before ? "." : " to \(ReportText.percent(after)) %.")
  }

  var confusion: ReportPage.Section {
    ReportPage.Section(
      id: "confusion", title: "What is taken for what?",
      hint: "A row holds the annotated objects of a class, a column what the detector called them."
        + " The diagonal is right; 'missed' were not found; the last row holds boxes where no object"
        + " was left to find. The darker, the larger the share of its row.",
      blocks: [
        columns { run in
          let matrix = run.confusion
          let total = max(matrix.background.reduce(0, +), 1)
          var rows = classNames.indices.map { index in
            let objects = max(matrix.objects(of: index), 1)
            return [ReportPage.Cell(classNames[index])]
              + (matrix.counts[index] + [matrix.missed[index]]).map {
                ReportPage.Cell("\($0)", shade: Double($0) / Double(objects))
              }
          }
          rows.append(
            ["nothing there"]
              + matrix.background.map {
                ReportPage.Cell("\($0)", shade: Double($0) / Double(total))
              } + ["–"])
          return [
            .table(ReportPage.Table(header: ["annotated"] + classNames + ["missed"], rows: rows)),
            .text(Self.threshold(run)),
          ]
        }
      ])
  }

  private static func threshold(_ run: ReportRun) -> String {
    let confidence = String(format: "%.3f", run.confusion.confidence)
    guard let balance = run.balance else {
      return "Boxes with confidence ≥ \(confidence); none is right at any confidence, so that no best"
        + " threshold exists."
    }
    return "Boxes with confidence ≥ \(confidence), where F1 is largest:"
      + " \(ReportText.percent(balance.f1)) % (precision \(ReportText.percent(balance.precision)) %,"
      + " recall \(ReportText.percent(balance.recall)) %, all classes together)."
  }

  var training: ReportPage.Section {
    get throws {
      ReportPage.Section(
        id: "training", title: "How training went",
        hint: "The loss, which training makes smaller (each line ten times the next one below), should"
          + " fall and level off; mAP on the validation images should rise. If mAP falls while the loss"
          + " still does, the model learns its training images by heart.",
        blocks: [
          try columns { run in
            let plots = RunPlots(title: run.name)
            if run.losses.allSatisfy(\.points.isEmpty) && run.validation.allSatisfy(\.points.isEmpty) {
              return [.warning("This run's folder has no log of its training.")]
            }
            return [
              try Self.figure(
                plots.losses(run.losses, width: Self.width, height: 420), "losses of \(run.name)"),
              try Self.figure(
                plots.meanAveragePrecision(run.validation, width: Self.width, height: 340),
                "evaluation of \(run.name) during training"),
            ]
          }
        ])
    }
  }

  // MARK: - Examples

  var confidentMistakes: ReportPage.Section {
    get throws {
      try examples(
        id: "worst", title: "The most confident mistakes", \.confidentMistakes,
        hint: "Wrong boxes that the model was surest of: orange is the detection, blue what is"
          + " annotated. Look whether the model is wrong or the annotation is; if BALD (what the model"
          + " does not know) is low too, nothing warned of the mistake.",
        none: "No detection is wrong.")
    }
  }

  var mostUncertain: ReportPage.Section {
    get throws {
      try examples(
        id: "uncertain", title: "The most uncertain detections", \.mostUncertain,
        hint: "What the model itself would ask about: orange is the detection, blue what is annotated."
          + " With BALD the right picture shows where in the photo the model does not know (dark: 0,"
          + " bright: 1 bit); photos like these are worth annotating for more training.",
        none: "There are no detections.")
    }
  }

  private func examples(
    id: String, title: String, _ list: KeyPath<ReportRun, [ReportExample]>, hint: String,
    none: String
  ) throws -> ReportPage.Section {
    var blocks: [ReportPage.Block] = []
    for run in runs {
      let order = run.usesBALD ? "BALD" : "entropy of the confidence, as the model has no BALD"
      blocks.append(
        .heading(run.name + (list == \.mostUncertain ? ", by \(order)" : "")))
      if run[keyPath: list].isEmpty {
        blocks.append(.text(none))
        continue
      }
      blocks.append(
        .figures(
          try run[keyPath: list].map { example in
            var pictures = [try ReportPage.Picture(photo: example.picture, example.caption)]
            if let map = example.map {
              pictures.append(try .init(photo: map, "map of BALD for the same part"))
            }
            return ReportPage.Figure(pictures, caption: example.caption)
          }))
    }
    return ReportPage.Section(id: id, title: title, hint: hint, blocks: blocks)
  }
}
