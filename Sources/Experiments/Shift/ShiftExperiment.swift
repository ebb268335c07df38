package import Compute
import Datasets
package import Evaluation
import Images
import Tasks
import Training

/// Evaluates a model on images that get worse.
package struct ShiftExperiment {
  package var model: ModelChoice
  package var data: DataChoice
  /// The first images only; nil: all.
  package var limit: Int?
  package var disturbances: Disturbances
  package var rules: PredictionRules
  package var judgement: Judgement

  package init(
    model: ModelChoice, data: DataChoice, disturbances: Disturbances,
    rules: PredictionRules = PredictionRules(), judgement: Judgement = Judgement()
  ) {
    self.model = model
    self.data = data
    self.disturbances = disturbances
    self.rules = rules
    self.judgement = judgement
  }

  /// Looks at all images once for every disturbance.
  ///
  /// - Parameters:
  ///   - backend: Does the work.
  ///   - console: Told which model it is, what was left out and how far it is.
  /// - Returns: A row for each disturbance.
  /// - Throws: `DataError`, `FileError`; ``UsageError`` if model and data have other classes.
  package func run(backend: any Backend, _ console: Console) throws -> ShiftReport {
    let loaded = try model.load(backend)
    let data = try data.adoptingRules(of: model.run)
      .readToJudge(classNames: loaded.classNames, console)
    _ = try loaded.detectedClassNames(console)
    try loaded.checkClassCount(of: data.classNames)
    let settings = model.settings(of: loaded, by: rules)
    let finder = try ObjectFinder(loaded, settings)
    console.say("model: \(loaded.origin)" + (finder.viewText.map { "; " + $0 } ?? ""))
    let samples = Array(data.samples.prefix(limit ?? .max))
    let cautions = KnownImages(model)?.cautions(judging: samples) ?? []
    for caution in cautions { console.say("note: \(caution)") }
    let steps = disturbances.steps
    var meter = console.meter(total: samples.count * steps.count, unit: "images")
    var rows: [ShiftReport.Row] = []
    var leftOut: [DataProblem] = []
    for (index, corruption) in steps.enumerated() {
      let found = try finder.evaluatedImages(
        samples, batchSize: rules.batchSize, corruption: corruption, seed: judgement.seed
      ) { meter.update(index * samples.count + $0) }
      leftOut = found.leftOut
      let measures = try ShiftReport.Measures(
        images: found.images, classNames: data.classNames, matcher: judgement.matcher,
        options: judgement.trustOptions(pool: backend.pool))
      rows.append(ShiftReport.Row(corruption, measures))
    }
    meter.finish()
    console.say(unreadable: leftOut)
    var told: [EvaluationReport.Setting] = rules.settings(finder)
    told += [.init("iou", "\(judgement.overlap)"), .init("seed", "\(judgement.seed)")]
    told += cautions.map { .init("caution", $0) }
    if !(data.problems + leftOut).isEmpty {
      let omissions = DataProblem.summary(of: data.problems + leftOut).joined(separator: "; ")
      told.append(.init("left out of the data", omissions))
    }
    var report = ShiftReport(
      imageCount: samples.count - leftOut.count, rows: rows, scoreFloor: judgement.scoreFloor,
      settings: told)
    report.unreadableImages = leftOut.count
    return report
  }
}

extension ShiftReport.Row {
  fileprivate init(_ corruption: ImageCorruption?, _ measures: ShiftReport.Measures) {
    guard let corruption, let parameter = corruption.parameter else {
      self.init(undisturbed: measures)
      return
    }
    self.init(
      corruption: corruption.kind.rawValue, severity: corruption.severity, parameter: parameter,
      parameterName: corruption.kind.parameterName, measures: measures)
  }
}
