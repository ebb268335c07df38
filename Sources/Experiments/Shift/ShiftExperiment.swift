package import Compute
import Datasets
import Detection
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
  /// Images of something else, or folders of them, which the model should know that it has not learned.
  package var foreign: [String] = []
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
    try model.task() == ClassificationTask.self
      ? classification(backend: backend, console) : detection(backend: backend, console)
  }

  private func detection(backend: any Backend, _ console: Console) throws -> ShiftReport {
    let loaded = try model.load(backend)
    let data = try data.adoptingRules(of: model.run)
      .readToJudge(classNames: loaded.classNames, console)
    _ = try loaded.detectedClassNames(console)
    try loaded.checkClassCount(of: data.classNames)
    let settings = model.settings(of: loaded, by: rules)
    let finder = try ObjectFinder(loaded, settings)
    console.say("model: \(loaded.origin)" + (finder.viewText.map { "; " + $0 } ?? ""))
    return try report(
      on: data, .detections(floor: judgement.scoreFloor),
      settings: rules.settings(finder) + [.init("iou", "\(judgement.overlap)")],
      pool: backend.pool, console
    ) { samples, corruption, progress in
      let (images, anchors, leftOut) = try seen(
        samples, by: finder, corruption, progress: progress)
      let measures = try ShiftReport.Measures(
        images: images, classNames: data.classNames, matcher: judgement.matcher,
        options: judgement.trustOptions(pool: backend.pool))
      return Judged(measures: measures, doubts: doubts(images, anchors), leftOut: leftOut)
    } foreign: { files in
      let samples = files.map {
        Sample<[GroundTruth]>(id: $0.stem, image: .file($0.url), target: [])
      }
      let (images, anchors, leftOut) = try seen(samples, by: finder, nil) { _ in }
      return (doubts(images, anchors), leftOut)
    }
  }

  /// What is found in images, and what a branch says about all anchors; of several views nothing.
  private func seen(
    _ samples: [Sample<[GroundTruth]>], by finder: ObjectFinder, _ corruption: ImageCorruption?,
    progress: (Int) -> Void
  ) throws -> (images: [EvaluatedImage], anchors: [AnchorDoubt?], leftOut: [DataProblem]) {
    guard rules.views == nil else {
      let found = try finder.evaluatedImages(
        samples, batchSize: rules.largeBatch, corruption: corruption, seed: judgement.seed,
        progress: progress)
      return (found.images, found.images.map { _ in nil }, found.leftOut)
    }
    let found = try finder.examined(
      samples, batchSize: rules.largeBatch, corruption: corruption, seed: judgement.seed,
      progress: progress)
    return (found.images.map(\.image), found.images.map(\.anchors), found.leftOut)
  }

  private func doubts(
    _ images: [EvaluatedImage], _ anchors: [AnchorDoubt?]
  ) -> [[ImageDoubt: Double]] {
    zip(images, anchors).map { image, anchors in
      ImageDoubt.values(
        of: image.detections.filter { Double($0.confidence) >= judgement.scoreFloor },
        anchors: anchors)
    }
  }

  /// What is said about images with one disturbance.
  private struct Judged {
    let measures: ShiftReport.Measures
    let doubts: [[ImageDoubt: Double]]
    let leftOut: [DataProblem]
  }

  private func classification(backend: any Backend, _ console: Console) throws -> ShiftReport {
    let classifier = try Classifier(model, backend: backend, console)
    let data = try data.adoptingRules(of: model.run).readToJudge(classifier, console)
    console.say(classifier.introduction)
    let input = classifier.input
    return try report(
      on: data, .answers(classCount: data.classNames.count),
      settings: [
        .init("input", "\(input.width)x\(input.height)"), .init("resize", input.resizeText),
      ], pool: backend.pool, console
    ) { samples, corruption, progress in
      let seen = try classifier.classified(
        samples, batchSize: rules.smallBatch, corruption: corruption, seed: judgement.seed,
        progress: progress)
      let measures = ShiftReport.Measures(
        answers: seen.images, classNames: data.classNames, bootstrap: judgement.bootstrap,
        pool: backend.pool)
      return Judged(
        measures: measures, doubts: seen.images.map { ImageDoubt.values(of: $0) },
        leftOut: seen.leftOut)
    } foreign: { files in
      // What the images are of is no class.
      let seen = try classifier.classified(
        files.map { Sample<Int>(id: $0.stem, image: .file($0.url), target: 0) },
        batchSize: rules.smallBatch)
      return (seen.images.map { ImageDoubt.values(of: $0) }, seen.leftOut)
    }
  }

  /// Judges the images under every disturbance; `judge` gets them, what is done to them, and what to
  /// tell how many are done.
  private func report<Target: Placeable>(
    on data: SampleSet<Target>, _ subject: ShiftReport.Subject,
    settings: [EvaluationReport.Setting], pool: ThreadPool, _ console: Console,
    judge: ([Sample<Target>], ImageCorruption?, (Int) -> Void) throws -> Judged,
    foreign look: ([ImageFile]) throws -> (doubts: [[ImageDoubt: Double]], leftOut: [DataProblem])
  ) throws -> ShiftReport {
    let files = foreign.isEmpty ? [] : try ImageFile.list(foreign)
    let samples = Array(data.samples.prefix(limit ?? .max))
    let cautions = KnownImages(model)?.cautions(judging: samples) ?? []
    for caution in cautions { console.say("note: \(caution)") }
    let steps = disturbances.steps
    var meter = console.meter(total: samples.count * steps.count, unit: "images")
    var rows: [ShiftReport.Row] = []
    var leftOut: [DataProblem] = []
    var groups: [ImageShift.Group] = []
    for (index, corruption) in steps.enumerated() {
      let judged = try judge(samples, corruption) { meter.update(index * samples.count + $0) }
      leftOut = judged.leftOut
      rows.append(ShiftReport.Row(corruption, judged.measures))
      groups.append(
        .init(
          shift: corruption?.kind.rawValue ?? "", severity: corruption?.severity ?? 0,
          values: judged.doubts))
    }
    meter.finish()
    console.say(unreadable: leftOut)
    if !files.isEmpty {
      let seen = try look(files)
      console.say(unreadable: seen.leftOut)
      groups.append(.init(shift: ImageShift.foreign, severity: 0, values: seen.doubts))
    }
    var told = settings + [.init("seed", "\(judgement.seed)")]
    told += cautions.map { .init("caution", $0) }
    if !(data.problems + leftOut).isEmpty {
      let omissions = DataProblem.summary(of: data.problems + leftOut).joined(separator: "; ")
      told.append(.init("left out of the data", omissions))
    }
    var report = ShiftReport(
      imageCount: samples.count - leftOut.count, rows: rows, subject: subject, settings: told)
    report.unreadableImages = leftOut.count
    report.foreignImages = groups.last { $0.shift == ImageShift.foreign }?.values.count ?? 0
    if let clean = groups.first, clean.shift.isEmpty, groups.count > 1 {
      report.imageShifts = ImageShift.all(
        clean: clean, Array(groups.dropFirst()), bootstrap: judgement.bootstrap, pool: pool)
    }
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
