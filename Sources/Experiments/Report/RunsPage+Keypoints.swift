import Compute
import Datasets
import Drawing
import Evaluation
import Foundation
import Geometry
import Images
import Keypoints
import Tasks
import Training

extension RunsPage {
  /// The page on networks of keypoints.
  func keypoints<Kind: ComparedTarget>(
    of _: Kind.Type, _ summaries: [RunSummary], _ data: SampleSet<KeypointTruth>,
    _ backend: any Backend, _ console: Console
  ) throws -> (text: String, counted: String, unreadable: Int) {
    var evaluated: [KeypointRun] = []
    var reference: [JudgedKeypoints] = []
    var leftOut: [DataProblem] = []
    for (index, name) in ReportRun.names(runs).enumerated() {
      let choice = try ModelChoice(.run(runs[index], summaries[index].weights))
      let rules = try KeypointRules().completed(by: choice)
      let network = try KeypointNetwork<Kind>(choice, settings: rules.settings, backend: backend)
      console.say(network.introduction)
      let start = ProgressReporter.uptime()
      let found = try network.look(at: data.samples, batchSize: self.rules.smallBatch, console)
      let seconds = ProgressReporter.uptime() - start
      let report =
        Kind.isPerson
        ? try KeypointReport(
          joints: found.images, rule: rules.joints(found.images),
          bootstrap: judgement.bootstrap, pool: backend.pool)
        : try KeypointReport(
          centers: found.images, rule: rules.centers, bootstrap: judgement.bootstrap,
          pool: backend.pool)
      var run = KeypointRun(
        name: name,
        settings: [.init("folder", runs[index])] + summaries[index].settings + [
          .init("input", "\(network.input.width)x\(network.input.height)"),
          .init("decoding", network.task.decoding),
          .init("Bayesian branch", network.model.knowsUncertainty ? "yes" : "no"),
        ] + report.settings, report: report, bootstrap: judgement.bootstrap, seconds: seconds)
      let samples = found.indices.map { data.samples[$0] }
      try KeypointExamples(
        samples: samples, judged: found.images, report: report,
        threshold: rules.centers.threshold
      )
      .add(to: &run, count: exampleCount)
      run.cautions = cautions(index, summaries[index], data.samples, nil)
      for caution in run.cautions { console.say("note: \(name): \(caution)") }
      run.course = RunPictures.course(summaries[index].log)
      run.options = summaries[index].options
      if index == 0 {
        (reference, leftOut) = (found.images, found.leftOut)
      } else if let draws = judgement.bootstrap {
        // What both networks say can be compared: only one may have a Bayesian branch.
        let both = [reference, found.images]
        let haveBALD = both.allSatisfy(Self.haveBALD)
        let compared = try both.map {
          try Kind.statistic(haveBALD ? $0 : $0.map(\.withoutBALD))
        }
        run.differences = Self.differences(
          compared[0], compared[1], Kind.measure, draws, backend.pool)
      }
      evaluated.append(run)
    }
    let page = KeypointPage(
      data: description, problems: DataProblem.summary(of: data.problems + leftOut),
      runs: evaluated, score: Kind.measure.name)
    console.say(unreadable: leftOut)
    return (
      try finished(page.page()), evaluated[0].report.counted, leftOut.count
    )
  }

  private static func haveBALD(_ samples: [JudgedKeypoints]) -> Bool {
    samples.allSatisfy { $0.found.allSatisfy { $0.doubt?.baldAtPeak != nil } }
  }

  private static func differences(
    _ first: ScoreStatistic, _ second: ScoreStatistic, _ measure: ScoreMeasure,
    _ bootstrap: Bootstrap, _ pool: ThreadPool
  ) -> [KeypointRun.Difference] {
    let values = bootstrap.differences(
      from: CombinedStatistic([first.statistic], imageCount: first.statistic.imageCount),
      to: CombinedStatistic([second.statistic], imageCount: second.statistic.imageCount),
      pool: pool)
    return zip(measure.rules, second.places).map { rule, place in
      KeypointRun.Difference(
        "\(measure.name) (\(rule))", higherIsBetter: true, values[place])
    }
      + second.details.filter { $0.unit == "%" }.map { detail in
        KeypointRun.Difference(
          "\(detail.measure.name) (\(detail.name))", higherIsBetter: !detail.smallerIsBetter,
          values[detail.place])
      }
  }
}

extension JudgedKeypoints {
  /// The same without what a Bayesian branch says.
  fileprivate var withoutBALD: JudgedKeypoints {
    var result = self
    for index in result.found.indices {
      result.found[index].doubt?.baldAtPeak = nil
      result.found[index].doubt?.baldAround = nil
    }
    return result
  }
}

/// Keypoints that are worth looking at, and their pictures.
struct KeypointExamples {
  let samples: [Sample<KeypointTruth>]
  let judged: [JudgedKeypoints]
  let report: KeypointReport
  /// The height from which on peaks count.
  let threshold: Float

  /// Chooses the examples, one keypoint of a person, and reads their pictures.
  func add(to run: inout KeypointRun, count: Int) throws {
    let decisions = report.decisions
    let measure: UncertaintyScore = decisions.measures.contains(.bald) ? .bald : .confidence
    guard let doubts = decisions.values(of: measure) else { return }
    let order = decisions.entries.indices
    let wrong = order.filter { !decisions.entries[$0].isRight }
      .sorted { (decisions.entries[$0].score, $1) > (decisions.entries[$1].score, $0) }
    let uncertain = order.sorted { (doubts[$0], $1) > (doubts[$1], $0) }
    run.measure = measure
    run.confidentMistakes = try examples(wrong, decisions, doubts, count)
    run.mostUncertain = try examples(uncertain, decisions, doubts, count)
  }

  private func examples(
    _ order: [Int], _ decisions: Decisions, _ doubts: [Double], _ count: Int
  ) throws -> [KeypointExample] {
    var used: Set<Int> = []
    var examples: [KeypointExample] = []
    for entry in order where examples.count < count {
      let decision = decisions.entries[entry]
      // A joint's unit tells its person; of objects there is one sample an image.
      let sample =
        report.kind == .joints ? decision.unit / decisions.groupNames.count : decision.image
      guard used.insert(sample).inserted else { continue }
      let picture = try picture(of: samples[sample], judged[sample])
      examples.append(
        KeypointExample(
          decision, uncertainty: doubts[entry], id: samples[sample].id,
          keypoint: decisions.groupNames[decision.group], picture: picture))
    }
    return examples
  }

  /// What was looked at, with what was found and what is annotated.
  private func picture(
    of sample: Sample<KeypointTruth>, _ judged: JudgedKeypoints
  ) throws -> Image {
    // Peaks that do not count would hide those that do.
    let found = judged.found.filter { report.kind == .joints || $0.score >= threshold }
    return KeypointPainter(layout: judged.truth.layout, areJoints: report.kind == .joints)
      .view(of: try sample.image.read(), found, truth: judged.truth)
  }
}

extension KeypointReport {
  /// What was looked at: images, or the persons in them.
  fileprivate var counted: String {
    let images = RunsPage.counted(imageCount)
    guard kind == .joints else { return images }
    return "\(sampleCount) person\(sampleCount == 1 ? "" : "s") in \(images)"
  }
}
