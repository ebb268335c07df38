import Compute
import Datasets
import Drawing
import Evaluation
import Foundation
import Tasks
import Training

extension RunsPage {
  /// The page on classifiers.
  func classifiers(
    _ summaries: [RunSummary], _ data: SampleSet<Int>, _ backend: any Backend, _ console: Console
  ) throws -> (text: String, counted: String, unreadable: Int) {
    var evaluated: [ClassifierRun] = []
    var reference: [ClassifiedImage] = []
    var leftOut: [DataProblem] = []
    for (index, name) in ReportRun.names(runs).enumerated() {
      let findings = try ClassifierFindings(
        run: runs[index], summary: summaries[index], data: data, batchSize: rules.smallBatch,
        backend: backend, console)
      var run = ClassifierRun(
        name: name, settings: findings.settings,
        report: ClassificationReport(
          findings.images, classNames: data.classNames, bootstrap: judgement.bootstrap,
          pool: backend.pool), bootstrap: judgement.bootstrap, seconds: findings.seconds)
      try findings.addExamples(to: &run, count: exampleCount)
      run.cautions = cautions(index, summaries[index], data.samples, findings.remark)
      for caution in run.cautions { console.say("note: \(name): \(caution)") }
      run.course = RunPictures.course(summaries[index].log)
      run.options = summaries[index].options
      if index == 0 {
        (reference, leftOut) = (findings.images, findings.leftOut)
      } else if let draws = judgement.bootstrap {
        run.difference = ClassificationDifference(
          from: reference, to: findings.images, classNames: data.classNames, bootstrap: draws,
          pool: backend.pool)
      }
      evaluated.append(run)
    }
    let page = ClassificationPage(
      data: description, problems: DataProblem.summary(of: data.problems + leftOut),
      classNames: data.classNames, runs: evaluated,
      score: summaries.lazy.compactMap { $0.log.columns.scores.first?.measure }.first ?? "accuracy")
    console.say(unreadable: leftOut)
    return (
      try finished(page.page()), Self.counted(data.samples.count - leftOut.count), leftOut.count
    )
  }
}
