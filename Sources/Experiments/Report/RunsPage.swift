package import Compute
import Darknet
import Datasets
import Detection
import Drawing
import Evaluation
import Files
import Foundation
import Tasks
package import Training

/// One page on the accuracy and the uncertainty of runs, all judged on the same images.
package struct RunsPage {
  /// Folders of runs; the others are compared with the first.
  package var runs: [String]
  package var data: DataChoice
  /// Which weights of every run; nil: the best where there are any.
  package var weights: RunWeights?
  package var rules = PredictionRules()
  /// Needs intervals.
  package var judgement = Judgement()
  /// Pictures of either kind of example for every run.
  package var exampleCount = 20
  /// Said below the page, such as when and by what it was made.
  package var footer = ""

  private static let metrics: [EvaluationMetric] = [.voc07, .voc12]

  package init(runs: [String], data: DataChoice) {
    self.runs = runs
    self.data = data
  }

  /// Judges the runs and makes the page.
  ///
  /// - Returns: The page, of how many images it tells, and how many could not be read.
  /// - Throws: `FileError` for a folder that is no run and for runs of different classes;
  ///   `DataError`, `TrainingError`, `EvaluationError`.
  package func html(
    backend: any Backend, _ console: Console
  ) throws -> (text: String, counted: String, unreadable: Int) {
    let summaries = try runs.map { try RunSummary(RunFolder(path: $0), weights: weights) }
    // Before the data, which suit no run that does something else.
    let task = try task(of: summaries)
    let classNames = try commonClassNames(summaries)
    // As they were read for the first run that knows them; cautions tell what that means for others.
    let choice = runs.reduce(data) { $0.adoptingRules(of: RunFolder(path: $1)) }
    if task == KeypointTask.self {
      return try keypoints(
        of: PersonJoints.self, summaries,
        choice.read(for: KeypointTask.self, split: "val", classNames: classNames, console),
        backend, console)
    }
    if task == CenterTask.self {
      return try keypoints(
        of: ObjectCenters.self, summaries,
        choice.read(for: CenterTask.self, split: "val", classNames: classNames, console), backend,
        console)
    }
    return task == ClassificationTask.self
      ? try classifiers(
        summaries,
        choice.read(for: ClassificationTask.self, split: "val", classNames: classNames, console),
        backend, console)
      : try detectors(
        summaries, choice.readToJudge(classNames: classNames, console), backend, console)
  }

  private func detectors(
    _ summaries: [RunSummary], _ data: SampleSet<[GroundTruth]>, _ backend: any Backend,
    _ console: Console
  ) throws -> (text: String, counted: String, unreadable: Int) {
    var evaluated: [ReportRun] = []
    var reference: [EvaluatedImage]?
    var leftOut: [DataProblem] = []
    for (index, name) in ReportRun.names(runs).enumerated() {
      let findings = try RunFindings(
        run: runs[index], summary: summaries[index], data: data, rules: rules, backend: backend,
        console)
      var run = try run(name, findings, data.classNames, pool: backend.pool)
      run.cautions = cautions(index, summaries[index], data.samples, findings.confidenceRemark)
      for caution in run.cautions { console.say("note: \(name): \(caution)") }
      run.course = RunPictures.course(summaries[index].log)
      run.options = summaries[index].options
      if let reference, let first = evaluated.first {
        try compare(
          &run, findings.images, with: reference, of: first.name, data.classNames,
          pool: backend.pool)
      } else {
        reference = findings.images
        leftOut = findings.leftOut
      }
      evaluated.append(run)
    }
    let page = EvaluationPage(
      data: description, problems: DataProblem.summary(of: data.problems + leftOut),
      classNames: data.classNames, runs: evaluated)
    console.say(unreadable: leftOut)
    return (
      try finished(page.page()), Self.counted(data.samples.count - leftOut.count), leftOut.count
    )
  }

  /// The classes of all runs, which must be the same in the same order.
  private func commonClassNames(_ summaries: [RunSummary]) throws -> [String] {
    guard let first = summaries.first else { return [] }
    for (path, summary) in zip(runs, summaries) where summary.classNames != first.classNames {
      throw FileError(
        path: path,
        reason: "its classes (\(summary.classNames.joined(separator: ", "))) are not those of "
          + "\(runs[0]) (\(first.classNames.joined(separator: ", ")))")
    }
    return first.classNames
  }

  /// What all runs are for.
  private func task(of summaries: [RunSummary]) throws -> any LearningTask.Type {
    let tasks = try zip(runs, summaries).map { run, summary in
      try ModelChoice(.run(run, summary.weights)).task()
    }
    for (run, task) in zip(runs, tasks) where task != tasks[0] {
      throw FileError(
        path: run, reason: "it is for \(task.name), and \(runs[0]) for \(tasks[0].name)")
    }
    return tasks[0]
  }

  /// Where the numbers of a run look better than they are.
  func cautions<Target: Placeable>(
    _ index: Int, _ summary: RunSummary, _ samples: [Sample<Target>], _ remark: String?
  ) -> [String] {
    KnownImages(RunFolder(path: runs[index]), weights: summary.weights)
      .cautions(judging: samples).map { $0 + "." } + (remark.map { [$0] } ?? [])
  }

  private func run(
    _ name: String, _ findings: RunFindings, _ classNames: [String], pool: ThreadPool
  ) throws -> ReportRun {
    var evaluation = try EvaluationReport(
      images: findings.images, classNames: classNames, metrics: Self.metrics,
      matcher: judgement.matcher, settings: findings.settings, bootstrap: judgement.bootstrap,
      pool: pool)
    evaluation.trust = try TrustReport(
      images: findings.images, classNames: classNames, matcher: judgement.matcher,
      options: judgement.trustOptions(pool: pool))
    evaluation.verdict = evaluation.trust.map {
      EvaluationVerdict($0, on: findings.subject)
    }
    var run = try ReportRun(
      name: name, settings: findings.settings, evaluation: evaluation, images: findings.images,
      classNames: classNames, seconds: findings.seconds)
    try findings.addExamples(
      to: &run, matcher: judgement.matcher, floor: judgement.scoreFloor, count: exampleCount)
    return run
  }

  private func compare(
    _ run: inout ReportRun, _ images: [EvaluatedImage], with reference: [EvaluatedImage],
    of name: String,
    _ classNames: [String], pool: ThreadPool
  ) throws {
    guard let draws = judgement.bootstrap else { return }
    run.comparison = try EvaluationComparison(
      of: images, with: reference, name: name, classNames: classNames,
      metrics: Self.metrics, matcher: judgement.matcher, bootstrap: draws, pool: pool)
    run.trustDifference = try TrustDifference(
      from: reference, to: images, classNames: classNames,
      matcher: judgement.matcher, scoreFloor: judgement.scoreFloor, bootstrap: draws, pool: pool)
  }

  /// A number of images in words.
  static func counted(_ images: Int) -> String { "\(images) image\(images == 1 ? "" : "s")" }

  /// The text of a page with its footer.
  func finished(_ page: ReportPage) -> String {
    var page = page
    page.footer = footer
    return page.html
  }

  /// The data as they were named, with the split where none was.
  var description: String {
    zip(data.voc + data.other, data.arguments).map { $1.split == nil ? "\($0) (val)" : $0 }
      .joined(separator: ", ")
  }
}
