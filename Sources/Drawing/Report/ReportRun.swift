import Detection
package import Evaluation
package import Images
import Uncertainty

/// Everything that a report shows of one run.
package struct ReportRun: ReportedRun {
  /// What the run is called on the page; different for all runs.
  package var name: String
  /// What it was and how it was run, such as weights and input size.
  package var settings: [EvaluationReport.Setting]
  /// VOC metrics and trust, both with intervals.
  package var evaluation: EvaluationReport
  /// Objects against detections, from ``ConfusionMatrix/confidence`` on.
  package var confusion: ConfusionMatrix
  /// Where precision and recall are balanced best; nil without a right detection.
  package var balance: BalancedThreshold?
  /// Risk and coverage of the detections from there on; empty without ``balance``.
  package var riskAtBalance: [(score: UncertaintyScore, curve: RiskCoverage)] = []
  /// What makes the numbers look better than they are, one sentence each.
  package var cautions: [String] = []
  /// Every choice that its training was started with, by name.
  package var options: [EvaluationReport.Setting] = []
  /// How its training went.
  package var course = RunCourse()
  /// Wrong detections, the most confident first.
  package var confidentMistakes: [ReportExample] = []
  /// The most uncertain detections.
  package var mostUncertain: [ReportExample] = []
  /// Objects that no box found at the confidence of ``confusion``.
  package var missed: [ReportPicture] = []
  /// Whole photos that were not chosen by how well they went.
  package var typical: [ReportPicture] = []
  /// Mistakes at the confidence of ``confusion``; nil where no box is right at any.
  package private(set) var mistakes: ErrorBreakdown.Counts?
  /// What the most uncertain detections are ordered by, and why.
  package var orderText = "entropy of the confidence"
  /// Wall time of finding objects in all images, seconds.
  package var seconds: Double
  /// How mAP differs from the first run's; nil for the first.
  package var comparison: EvaluationComparison?
  /// How trust differs from the first run's; nil for the first.
  package var trustDifference: TrustDifference?

  /// A run with its numbers.
  ///
  /// - Throws: `EvaluationError` as the evaluation.
  package init(
    name: String, settings: [EvaluationReport.Setting], evaluation: EvaluationReport,
    images: [EvaluatedImage], classNames: [String], seconds: Double
  ) throws {
    self.name = name
    self.settings = settings
    self.evaluation = evaluation
    self.seconds = seconds
    let matcher = evaluation.matcher
    let matched = try MatchedDetections(images, classNames: classNames, matcher: matcher)
    let balance = BalancedThreshold(matched.decisions, targets: matched.objectCount)
    self.balance = balance
    if let balance {
      let kept = matched.withConfidence(atLeast: Double(balance.confidence))
      riskAtBalance = RiskCoverage.curves(kept.decisions(in: images))
    }
    let confidence = balance?.confidence ?? Self.usualConfidence
    confusion = try ConfusionMatrix(
      images: images, classNames: classNames, matcher: matcher, confidence: confidence)
    let kept = images.map { image in
      var image = image
      image.detections.removeAll { $0.confidence < confidence }
      return image
    }
    mistakes = try ErrorBreakdown(images: kept, classNames: classNames, matcher: matcher).total
  }

  /// The threshold of the confusion matrix where no detection is right.
  package static let usualConfidence: Float = 0.25

  /// Short names of folders that stay different: the last parts of their paths, as few as possible.
  package static func names(_ paths: [String]) -> [String] {
    let parts = paths.map { $0.split(separator: "/").filter { $0 != "." } }
    let longest = parts.map(\.count).max() ?? 1
    var names = paths
    for count in 1...max(longest, 1) {
      names = zip(parts, paths).map { parts, path in
        parts.isEmpty ? path : parts.suffix(count).joined(separator: "/")
      }
      if Set(names).count == paths.count { return names }
    }
    return names.enumerated().map { "\($1) (\($0 + 1))" }
  }
}

/// A detection that is worth looking at, with its picture.
package struct ReportExample: Sendable {
  /// The image's id.
  package var image: String
  /// What was found.
  package var detection: TellingDetections.Entry
  /// The name of the class that was found.
  package var className: String
  /// The confidence, 0...1.
  package var confidence: Float
  /// BALD in bits, if the model gives it.
  package var bald: Float?
  /// The class name of the object that it overlaps most.
  package var objectName: String?
  /// The surroundings with the detection and the annotated objects.
  package var picture: Image
  /// The same with the map of BALD, if the model gives one.
  package var map: Image?

  /// An example of an evaluated image.
  package init(
    _ entry: TellingDetections.Entry, of image: EvaluatedImage, classNames: [String],
    picture: Image, map: Image?
  ) {
    let found = image.detections[entry.detectionIndex]
    self.image = image.id
    detection = entry
    className = classNames[found.classIndex]
    confidence = found.confidence
    bald = found.uncertainty?.bald
    objectName = entry.objectIndex.map { classNames[image.objects[$0].classIndex] }
    self.picture = picture
    self.map = map
  }

  /// What was found and why it is right or wrong.
  var caption: String {
    let percent = ReportText.whole(Double(confidence))
    let certainty = bald.map { ", BALD \(ReportText.number(Double($0), digits: 2)) bit" } ?? ""
    return "\(className) \(percent) %\(certainty): \(verdict) (image \(image))"
  }

  private var verdict: String {
    let object = objectName ?? "object"
    // 49.9 % is not yet 50 %, from which on a box is right.
    let overlap = ReportText.roundedDown(detection.overlap)
    return switch detection.mistake {
    case nil: "right"
    case .duplicate: "wrong, a second box on a \(object) that was found already"
    case .localization: "wrong, badly placed: \(overlap) % overlap with the \(object)"
    case .wrongClass: "wrong class, annotated is \(object)"
    case .wrongClassAndLocalization:
      "wrong class and badly placed: \(overlap) % overlap with \(object)"
    case .background, .missed:
      objectName == nil
        ? "wrong, nothing is annotated there"
        : "wrong, nothing is annotated there (\(overlap) % overlap with \(object))"
    }
  }
}

/// A picture of a report with what is to be said of it.
package struct ReportPicture: Sendable {
  /// What is seen.
  package var picture: Image
  /// What it is.
  package var caption: String

  /// A picture.
  package init(_ picture: Image, caption: String) {
    self.picture = picture
    self.caption = caption
  }
}
