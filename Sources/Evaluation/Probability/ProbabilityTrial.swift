package import Compute
import Detection
import Files

/// What a ``ProbabilityModel`` is worth on detections that it was not fitted on, beside their confidence.
package struct ProbabilityTrial: Sendable {
  /// A number with the confidence alone, with the probability, and the difference over the same images.
  package struct Change: Sendable {
    /// With the confidence.
    package let before: Double?
    /// With the probability.
    package let after: Double?
    /// After minus before, with an interval over resampled images where one was asked for.
    package let difference: Estimate
  }

  /// The number of detections that are judged.
  package let count: Int
  /// AUROC of wrong detections, 0...1.
  package let areaUnderROC: Change
  /// AURC, 0...1.
  package let areaUnderRiskCoverage: Change
  /// D-ECE, 0...1.
  package let calibration: Change
  /// LaECE, 0...1; after it is that of the expected quality.
  package let qualityCalibration: Change

  /// Fits to every part but one and applies to that one, for each of some parts of the images, which are dealt
  /// out in turn.
  ///
  /// - Parameters:
  ///   - images: Images held out from training.
  ///   - classNames: Names of the class indices.
  ///   - matcher: What counts as right.
  ///   - scoreFloor: Detections of less confidence are left out.
  ///   - parts: The number of parts, at least 2.
  ///   - bootstrap: How intervals are made; none without.
  ///   - pool: Threads to draw on.
  /// - Throws: ``EvaluationError`` as the fit.
  package init(
    _ images: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher(), scoreFloor: Double = 0.05, parts: Int = 5,
    bootstrap: Bootstrap? = nil, pool: ThreadPool? = nil
  ) throws {
    precondition(parts > 1, "one part cannot be held out")
    let cases = try ProbabilityCases(
      images, classNames: classNames, matcher: matcher, scoreFloor: scoreFloor)
    var applied = images
    for part in 0..<parts {
      guard
        let model = ProbabilityModel(
          fitting: cases.filtered { $0 % parts != part }, imageIDs: [])
      else {
        throw EvaluationError.notCalibratable(
          "it takes right and wrong detections with confidence from \(scoreFloor) on in every part")
      }
      for index in images.indices where index % parts == part {
        applied[index].detections = model.applied(to: images[index].detections)
      }
    }
    try self.init(
      of: applied, classNames: classNames, matcher: matcher, scoreFloor: scoreFloor,
      bootstrap: bootstrap, pool: pool)
  }

  /// Judges the probabilities that detections have.
  ///
  /// - Parameters:
  ///   - images: Every detection from `scoreFloor` on has a probability.
  ///   - classNames: Names of the class indices.
  ///   - matcher: What counts as right.
  ///   - scoreFloor: Detections of less confidence are left out.
  ///   - bootstrap: How intervals are made; none without.
  ///   - pool: Threads to draw on.
  /// - Throws: ``EvaluationError`` as an evaluation.
  package init(
    of images: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher(), scoreFloor: Double = 0.05,
    bootstrap: Bootstrap? = nil, pool: ThreadPool? = nil
  ) throws {
    let matched = try MatchedDetections(images, classNames: classNames, matcher: matcher)
      .withConfidence(atLeast: scoreFloor)
    func decisions(_ score: (Detection) -> Float) -> Decisions {
      let plain = matched.decisions
      return Decisions(
        plain.entries.map { entry in
          var entry = entry
          entry.score = score(images[entry.image].detections[entry.unit])
          return entry
        }, imageCount: plain.imageCount, groupNames: plain.groupNames)
    }
    let before = decisions(\.confidence)
    let after = decisions { $0.probability?.right ?? $0.confidence }
    let quality = decisions { $0.probability?.quality ?? $0.confidence }
    func parts(_ own: Decisions, _ quality: Decisions) -> CombinedStatistic {
      CombinedStatistic(
        [
          ErrorDetection(own, scores: own.entries.map { 1 - Double($0.score) }),
          CalibrationError(own), LocalizationCalibrationError(quality),
        ], imageCount: own.imageCount)
    }
    let statistics = [parts(before, before), parts(after, quality)]
    let values = statistics.map(\.values)
    let places = [0, 2, 4, 5]
    let paired = PairedDifferences(
      runs: statistics, rows: [[.init(run: 1, reference: 0)]], comparing: places,
      imageCount: before.imageCount)
    let differences = Bootstrap.estimates(of: paired, bootstrap, pool: pool)
    let changes = zip(places, differences).map { place, difference in
      Change(before: values[0][place], after: values[1][place], difference: difference)
    }
    count = before.count
    areaUnderROC = changes[0]
    areaUnderRiskCoverage = changes[1]
    calibration = changes[2]
    qualityCalibration = changes[3]
  }

  /// One line for people, in per cent.
  package var text: String {
    [
      ("AUROC of wrong ones", areaUnderROC), ("AURC", areaUnderRiskCoverage),
      ("D-ECE", calibration), ("LaECE", qualityCalibration),
    ].map { name, change in
      let numbers = [change.before, change.after].map { NumberText.percent($0, digits: 2) }
      let interval = change.difference.interval.map {
        " (" + NumberText.signedPercent($0.lower) + " to " + NumberText.signedPercent($0.upper)
          + ")"
      }
      return "\(name) \(numbers.joined(separator: " -> ")) %" + (interval ?? "")
    }.joined(separator: ", ")
  }
}

extension ProbabilityTrial {
  var json: JSONValue {
    func change(_ change: Change) -> JSONValue {
      .object([
        "confidence": .number(change.before), "probability": .number(change.after),
        "difference": .estimate(change.difference),
      ])
    }
    return .object([
      "detections": .integer(count), "auroc": change(areaUnderROC),
      "aurc": change(areaUnderRiskCoverage), "dECE": change(calibration),
      "laECE": change(qualityCalibration),
    ])
  }
}
