package import Compute
import Detection

/// How a model does as its images get worse, and whether it knows that it knows less.
package struct ShiftReport: Sendable {
  /// What the numbers are about.
  package enum Subject: Sendable, Hashable {
    /// Detections; those with less confidence than the floor count only for mAP.
    case detections(floor: Double)
    /// The answers of a classifier of so many classes.
    case answers(classCount: Int)

    /// What ``Measures/accuracy`` is, in order.
    package var accuracyNames: [String] {
      switch self {
      case .detections: EvaluationMetric.voc.map(\.rawValue)
      case .answers(let classCount): classCount > 5 ? ["top1", "top5"] : ["top1"]
      }
    }
  }

  /// The numbers of one set of images.
  package struct Measures: Sendable {
    /// mAP or the share of right answers, 0...1, as ``Subject/accuracyNames`` says.
    package let accuracy: [Estimate]
    /// Detections from the floor on, without those of difficult objects, or answers; the other numbers
    /// are of these.
    package let decisions: Int
    /// Their mean confidence, 0...1; nil without any.
    package let confidence: Double?
    /// Their mean BALD in bits; nil without any or without a Bayesian branch.
    package let bald: Double?
    /// The mean entropy in bits.
    ///
    /// Detections: of their expected objectness; nil as ``bald``. Answers: of the probabilities.
    package let entropy: Double?
    /// D-ECE of detections, ECE of answers in 15 bins; 0...1.
    package let calibration: Estimate

    /// Judges the answers of a classifier.
    ///
    /// - Parameters:
    ///   - answers: Every image of the split, at least one.
    ///   - classNames: Names of the class indices.
    ///   - bootstrap: How intervals are made; none without.
    ///   - pool: Threads to draw on; nil for the caller's alone.
    package init(
      answers: [ClassifiedImage], classNames: [String], bootstrap: Bootstrap? = nil,
      pool: ThreadPool? = nil
    ) {
      let values = Bootstrap.estimates(
        of: ClassificationScores(answers, classNames: classNames), bootstrap, pool: pool)
      let numbers = Dictionary(
        uniqueKeysWithValues: zip(ClassificationScores.Number.allCases.map(\.rawValue), values))
      let none = Estimate(value: nil, interval: nil)
      accuracy = Subject.answers(classCount: classNames.count).accuracyNames.map {
        numbers[$0] ?? none
      }
      decisions = answers.count
      confidence = mean(answers.map { Double($0.probabilities[$0.answer]) })
      bald = mean(answers.map(\.uncertainties.first))
      entropy = mean(answers.map(\.entropy))
      calibration = numbers[ClassificationScores.Number.ece15.rawValue] ?? none
    }

    /// Evaluates detections.
    ///
    /// - Parameters:
    ///   - images: Every image of the split with what was found in it.
    ///   - classNames: Names of the class indices.
    ///   - matcher: What counts as right.
    ///   - options: Floor, intervals and threads.
    /// - Throws: ``EvaluationError`` for NaN or infinite numbers and class indices without a name.
    package init(
      images: [EvaluatedImage], classNames: [String],
      matcher: DetectionMatcher = DetectionMatcher(), options: TrustReport.Options = .init()
    ) throws {
      let evaluation = try EvaluationReport(
        images: images, classNames: classNames, metrics: EvaluationMetric.voc, matcher: matcher,
        bootstrap: options.bootstrap, pool: options.pool)
      accuracy = evaluation.results.map { metric, result in
        guard case .voc(let voc) = result else { return Estimate(value: nil, interval: nil) }
        return Estimate(
          value: voc.meanAveragePrecision, interval: evaluation.intervals[metric]?.mean.interval)
      }
      let kept = try MatchedDetections(images, classNames: classNames, matcher: matcher)
        .withConfidence(atLeast: options.scoreFloor)
      let found = kept.pooled.map { images[$0.imageIndex].detections[$0.detectionIndex] }
      decisions = found.count
      confidence = mean(found.map { Double($0.confidence) })
      bald = mean(found.map { $0.uncertainty?.value(of: .bald) })
      entropy = mean(found.map { $0.uncertainty?.value(of: .entropy) })
      let decisions = kept.decisions
      calibration =
        decisions.hasProbabilities
        ? Bootstrap.estimates(
          of: CalibrationError(decisions), options.bootstrap, pool: options.pool)[0]
        : Estimate(value: nil, interval: nil)
    }
  }

  /// The images with one disturbance.
  package struct Row: Sendable {
    /// What was done to them; nil for the images as they are.
    package let corruption: String?
    /// How much of it; 0 for the images as they are.
    package let severity: Int
    /// The number behind the severity; nil for the images as they are.
    package let parameter: Float?
    /// What the parameter is called, empty for the images as they are.
    package let parameterName: String
    /// The numbers.
    package let measures: Measures

    /// The images as they are.
    package init(undisturbed measures: Measures) {
      corruption = nil
      severity = 0
      parameter = nil
      parameterName = ""
      self.measures = measures
    }

    /// Disturbed images.
    package init(
      corruption: String, severity: Int, parameter: Float, parameterName: String,
      measures: Measures
    ) {
      self.corruption = corruption
      self.severity = severity
      self.parameter = parameter
      self.parameterName = parameterName
      self.measures = measures
    }
  }

  /// The number of images of each row.
  package let imageCount: Int
  /// Images that could not be read; no number is about them.
  package var unreadableImages = 0
  /// Images of something else.
  package var foreignImages = 0
  /// How well each number of an image tells shifted images from clean ones; empty without clean ones.
  package var imageShifts: [ImageShift] = []
  /// The images as they are, if asked for, then a row per corruption and severity.
  package let rows: [Row]
  /// What the numbers are about.
  package let subject: Subject
  /// Choices to be named beside the numbers.
  package let settings: [EvaluationReport.Setting]

  /// A report of numbers that are at hand.
  package init(
    imageCount: Int, rows: [Row], subject: Subject, settings: [EvaluationReport.Setting] = []
  ) {
    self.imageCount = imageCount
    self.rows = rows
    self.subject = subject
    self.settings = settings
  }

  /// The corruptions, in the order of the rows.
  package var corruptions: [String] {
    rows.compactMap(\.corruption).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The course of one corruption by ascending severity, from the images as they are on.
  package func course(of corruption: String) -> [Row] {
    rows.filter { $0.corruption == nil || $0.corruption == corruption }
      .sorted { $0.severity < $1.severity }
  }
}
