/// What kind of mistake a wrong detection is, and what each kind costs in mAP.
///
/// After TIDE (Bolya and others 2020, arXiv 2008.08115), by the VOC matching rules.
/// A wrong detection is, in this order of tests:
///
/// 1. a duplicate, if it lies on an object of its class (IoU ≥ τ) that was found already,
/// 2. badly localised, if it overlaps an object of its class by 0.1 at least,
/// 3. of the wrong class, if it lies on an object of another class,
/// 4. of the wrong class and badly localised, if it overlaps one by 0.1 at least,
/// 5. background otherwise.
///
/// An object is missed if no detection found it and none of kind 2 or 3 points at it.
package struct ErrorBreakdown: Sendable {
  /// A kind of mistake.
  package enum Kind: String, Sendable, CaseIterable {
    /// It lies on an object found already.
    case duplicate
    /// The class is right, the box is not.
    case localization
    /// The box is right, the class is not.
    case wrongClass
    /// Neither is, but there is something.
    case wrongClassAndLocalization
    /// There is nothing.
    case background
    /// An object that no detection points at.
    case missed
  }

  /// The mistakes of one class or of all.
  package struct Counts: Hashable, Sendable {
    /// The class's name, nil for all classes.
    package let name: String?
    /// Right detections.
    package internal(set) var right = 0
    /// Objects that should be found.
    package internal(set) var objects = 0
    /// Mistakes by kind, the absent kinds left out.
    package internal(set) var mistakes: [Kind: Int] = [:]

    /// The number of mistakes of a kind.
    package subscript(kind: Kind) -> Int { mistakes[kind] ?? 0 }
  }

  /// One entry per class name, in their order.
  package let classes: [Counts]
  /// Their sums.
  package let total: Counts
  /// mAP by the rule, 0...1; nil without objects.
  package let meanAveragePrecision: Double?
  /// By how much mAP would rise if one kind were put right and all else stayed, 0...1.
  ///
  /// Put right means: a badly localised or misnamed detection finds its object, or disappears if
  /// that is found already; the other wrong ones disappear; missed objects are not asked for.
  package let gains: [Kind: Double]

  /// The smallest IoU that counts as touching an object.
  package static let touch = 0.1

  /// Sorts the mistakes.
  ///
  /// - Parameters:
  ///   - images: Every image of the split.
  ///   - classNames: Names of the class indices.
  ///   - matcher: What counts as right.
  ///   - rule: The average precision that is lost.
  /// - Throws: ``EvaluationError`` for NaN or infinite numbers and class indices without a name.
  package init(
    images: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher(), rule: AveragePrecision = .area
  ) throws {
    let matched = try MatchedDetections(images, classNames: classNames, matcher: matcher)
    let ledger = MistakeLedger(matched, images: images)
    let base = ledger.averagePrecisions(rule, without: nil)
    meanAveragePrecision = mean(base)
    var gains: [Kind: Double] = [:]
    for kind in Kind.allCases {
      guard let before = mean(base), let after = mean(ledger.averagePrecisions(rule, without: kind))
      else { continue }
      gains[kind] = max(0, after - before)
    }
    self.gains = gains
    classes = classNames.indices.map { ledger.counts(of: $0, name: classNames[$0]) }
    var total = Counts(name: nil)
    for counts in classes {
      total.right += counts.right
      total.objects += counts.objects
      total.mistakes.merge(counts.mistakes, uniquingKeysWith: +)
    }
    self.total = total
  }

  /// The kind's part of all gains, 0...1; nil if nothing is lost.
  package func share(of kind: Kind) -> Double? {
    // In a fixed order: a dictionary's own changes from run to run, and with it the last digit.
    let sum = Kind.allCases.reduce(0) { $0 + (gains[$1] ?? 0) }
    return sum > 0 ? (gains[kind] ?? 0) / sum : nil
  }
}
