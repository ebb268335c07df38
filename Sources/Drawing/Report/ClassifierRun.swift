package import Evaluation
package import Images

/// Everything that a report shows of one classifier.
package struct ClassifierRun: ReportedRun {
  package var name: String
  package var settings: [EvaluationReport.Setting]
  /// The numbers, with intervals.
  package var report: ClassificationReport
  /// How intervals were made; nil without.
  package var bootstrap: Bootstrap?
  package var cautions: [String] = []
  /// Every choice that its training was started with, by name.
  package var options: [EvaluationReport.Setting] = []
  /// How its training went.
  package var course = RunCourse()
  /// Wrong answers, the most confident first.
  package var confidentMistakes: [ClassifierExample] = []
  /// The most uncertain answers.
  package var mostUncertain: [ClassifierExample] = []
  /// The most frequent confusions with examples.
  package var confusions: [(pair: ClassificationReport.Confusion, examples: [ClassifierExample])] =
    []
  /// Whether the uncertainty of examples is BALD; otherwise the entropy of the probabilities.
  package var usesBALD = false
  /// Wall time of looking at all images, seconds.
  package var seconds: Double
  /// How it differs from the first run; nil for the first.
  package var difference: ClassificationDifference?

  /// A run with its numbers.
  package init(
    name: String, settings: [EvaluationReport.Setting], report: ClassificationReport,
    bootstrap: Bootstrap?, seconds: Double
  ) {
    self.name = name
    self.settings = settings
    self.report = report
    self.bootstrap = bootstrap
    self.seconds = seconds
  }
}

/// An image that is worth looking at, with what the classifier says.
package struct ClassifierExample: Sendable {
  /// The image's id.
  package let image: String
  /// What was answered.
  package let answer: String
  /// The probability of the answer, 0...1.
  package let confidence: Float
  /// The image's class.
  package let label: String
  /// The probability of the image's class, 0...1.
  package let labelProbability: Float
  /// Entropy of the probabilities or BALD, bits.
  package let uncertainty: Double
  /// The image, small.
  package let picture: Image

  /// An example of a judged image.
  package init(
    _ image: ClassifiedImage, id: String, classNames: [String], usesBALD: Bool, picture: Image
  ) {
    self.image = id
    answer = classNames[image.answer]
    confidence = image.probabilities[image.answer]
    label = classNames[image.label]
    labelProbability = image.probabilities[image.label]
    uncertainty = usesBALD ? image.uncertainties[0] : image.entropy
    self.picture = picture
  }

  /// What was answered and whether that is right.
  func caption(_ measure: String) -> String {
    let verdict =
      answer == label
      ? "right" : "wrong, it is \(label) (\(ReportText.percent(Double(labelProbability))) %)"
    return "\(answer) \(ReportText.percent(Double(confidence))) %,"
      + " \(measure) \(ReportText.number(uncertainty, digits: 2)) bit: \(verdict) (image \(image))"
  }
}
