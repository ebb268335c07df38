package import Compute
import Foundation
import Keypoints

extension KeypointReport {
  /// How joints are judged.
  package struct JointRule: Hashable, Sendable {
    /// What distances are divided by.
    package var reference: KeypointReference
    /// α of PCK, of its area and of right and wrong; above 0.
    package var threshold: Double
    /// Further α of PCK.
    package var furtherThresholds: [Double]
    /// Whether an error equal to α is right.
    package var bound: KeypointBound
    /// Persons whose reference is shorter are not judged by PCK, pixels.
    package var minimumLength: Double
    /// Names of keypoints that are not judged; nil: pelvis and thorax where heads are the reference, as
    /// in MPII's own evaluation, and none elsewhere.
    package var leftOut: [String]?

    /// A rule.
    ///
    /// - Parameters:
    ///   - reference: What distances are divided by.
    ///   - threshold: α; nil: .5 of a head, .2 of anything else.
    ///   - furtherThresholds: Further α.
    ///   - bound: Whether an error equal to α is right.
    ///   - minimumLength: The shortest reference; nil: 5 pixels of a torso, as the ends of a shorter one
    ///     are hardly apart, and none of anything else. LSP's own rule is 0.
    ///   - leftOut: Names of keypoints that are not judged; nil: what MPII leaves out, of heads.
    package init(
      _ reference: KeypointReference = .torso, threshold: Double? = nil,
      furtherThresholds: [Double] = [], bound: KeypointBound = .atMost,
      minimumLength: Double? = nil, leftOut: [String]? = nil
    ) {
      self.reference = reference
      self.threshold = threshold ?? (reference == .head ? 0.5 : 0.2)
      self.furtherThresholds = furtherThresholds
      self.bound = bound
      self.minimumLength = minimumLength ?? (reference == .torso ? 5 : 0)
      self.leftOut = leftOut
    }

    /// The keypoints of a layout that are not judged.
    ///
    /// - Throws: ``EvaluationError/unknownKeypoint(_:names:)``, and
    ///   ``EvaluationError/notPositive(_:_:)`` for thresholds.
    fileprivate func leftOut(of layout: KeypointLayout) throws -> Set<Int> {
      for threshold in [threshold] + furtherThresholds
      where !(threshold > 0 && threshold.isFinite) {
        throw EvaluationError.notPositive("the threshold of PCK", threshold)
      }
      if let leftOut {
        return try Set(
          leftOut.map { name in
            guard let index = layout.names.firstIndex(of: name) else {
              throw EvaluationError.unknownKeypoint(name, names: layout.names)
            }
            return index
          })
      }
      guard reference == .head else { return [] }
      return Set([BodyPart.pelvis, .thorax].compactMap { $0.index(in: layout) })
    }

    /// The name of PCK at α, such as `pck0.2` or `pckh0.5`.
    package func key(_ threshold: Double) -> String {
      reference.metric + String(format: "%g", threshold)
    }

    /// What tables call it, such as `PCK@0.2`.
    package func title(_ threshold: Double) -> String {
      (reference == .head ? "PCKh@" : "PCK@") + String(format: "%g", threshold)
    }
  }

  /// Judges the joints of persons.
  ///
  /// - Parameters:
  ///   - samples: Persons, at least one, all with one layout.
  ///   - rule: What is right.
  ///   - tools: Whose numbers to give besides.
  ///   - bootstrap: How intervals are made; none without.
  ///   - pool: Threads to draw on; nil for the caller's alone.
  /// - Throws: As ``KeypointErrors/init(_:reference:minimumLength:leavingOut:)`` and
  ///   ``KeypointTool/evaluate(_:)``.
  package init(
    joints samples: [JudgedKeypoints], rule: JointRule = JointRule(), tools: [KeypointTool] = [],
    bootstrap: Bootstrap? = nil, pool: ThreadPool? = nil
  ) throws {
    let leftOut = try samples.first.map { try rule.leftOut(of: $0.truth.layout) } ?? []
    let errors = try KeypointErrors(
      samples, reference: rule.reference, minimumLength: rule.minimumLength, leavingOut: leftOut)
    let references = try tools.map { try $0.evaluate(samples) }
    let thresholds = Set([rule.threshold] + rule.furtherThresholds)
    let scores = KeypointScores(
      errors, thresholds: Array(thresholds), bound: rule.bound, areaLimit: rule.threshold)
    let persons = Self.persons(samples, errors)
    let parts: [any ImageStatistic] = [scores] + (persons.evaluation.map { [$0] } ?? [])
    let values = Bootstrap.estimates(
      of: CombinedStatistic(parts, imageCount: errors.imageCount), bootstrap, pool: pool)
    func figure(
      _ number: KeypointScores.Number, _ key: String, _ title: String, _ unit: Unit
    ) -> Figure {
      let place = scores.numbers.firstIndex(of: number)
      return Figure(
        key: key, title: title,
        estimate: place.map { values[$0] } ?? Estimate(value: nil, interval: nil), unit: unit)
    }
    let alpha = rule.threshold
    var figures: [Figure] = []
    for threshold in [alpha] + thresholds.subtracting([alpha]).sorted() {
      let (key, title) = (rule.key(threshold), rule.title(threshold))
      figures += [
        figure(.pooled(threshold), key, title, .share),
        figure(.jointMean(threshold), key + "JointMean", title + ", mean of joints", .share),
      ]
    }
    figures += [
      figure(.area, "auc", "AUC", .share),
      figure(.normalizedMeanError, "nme", "NME", .number),
      figure(.meanError, "meanError", "mean error", .pixels),
      figure(.medianError, "medianError", "median error", .pixels),
    ]
    let judged = errors.layout.names.enumerated().filter { !leftOut.contains($0.offset) }
    let rows = judged.map { joint, name in
      Row(
        name: name, annotated: scores.counts[joint].annotated,
        figures: [
          figure(.joint(joint, alpha), rule.key(alpha), rule.title(alpha), .share),
          figure(.jointMeanError(joint), "meanError", "mean px", .pixels),
          figure(.jointMedianError(joint), "medianError", "median px", .pixels),
        ])
    }
    let pairs = errors.layout.groups.enumerated().filter { $0.element.members.count > 1 }
    let names = errors.layout.names.enumerated().filter { leftOut.contains($0.offset) }
    let omission =
      names.isEmpty ? [] : ["not judged: " + names.map(\.element).joined(separator: ", ")]
    let similarity = zip(
      COCOKeypointEvaluation.Number.allCases, values.dropFirst(scores.valueCount))
    self.init(
      .joints, imageCount: errors.imageCount, sampleCount: samples.count, figures: figures,
      rows: rows,
      pairs: pairs.map { index, group in
        Row(
          name: group.name,
          annotated: group.members.reduce(0) { $0 + scores.counts[$1].annotated },
          figures: [figure(.group(index, alpha), rule.key(alpha), rule.title(alpha), .share)])
      },
      similarity: similarity.map { number, estimate in
        Figure(
          key: number.rawValue, title: number.title, estimate: estimate, unit: .share)
      }, withoutSimilarity: persons.reason,
      decisions: Decisions(samples, errors: errors, threshold: alpha, bound: rule.bound),
      settings: [
        EvaluationReport.Setting("reference", rule.reference.title),
        EvaluationReport.Setting("right", "\(rule.bound.sign) " + String(format: "%g", alpha)),
      ], notes: omission + Self.notes(errors), bootstrap: bootstrap, pool: pool)
    self.errors = errors
    self.references = references
  }

  /// COCO's numbers, or why there are none.
  private static func persons(
    _ samples: [JudgedKeypoints], _ errors: KeypointErrors
  ) -> (evaluation: COCOKeypointEvaluation?, reason: String?) {
    do {
      let images = ImagePersons.grouped(samples)
      return (try COCOKeypointEvaluation(images, layout: errors.layout), nil)
    } catch { return (nil, "\(error)") }
  }

  /// Who is not judged by PCK.
  private static func notes(_ errors: KeypointErrors) -> [String] {
    var notes: [String] = []
    func add(_ count: Int, _ what: String) {
      guard count > 0 else { return }
      notes.append("\(count) of \(errors.sampleCount) persons " + what)
    }
    add(errors.ignoredCount, "are to be ignored and are judged by nothing")
    add(
      errors.withoutReferenceCount,
      "have no reference length (\(errors.reference.title)) and are not in PCK")
    add(
      errors.shortCount,
      "have a reference below " + String(format: "%g", errors.minimumLength)
        + " px and are not in PCK")
    return notes
  }
}
