import Detection
import Files

/// The detections that are worth looking at: confident and wrong, or uncertain.
package struct TellingDetections: Sendable {
  /// A detection with its verdict.
  package struct Entry: Hashable, Sendable {
    /// Index of the image.
    package let imageIndex: Int
    /// Index into the image's detections.
    package let detectionIndex: Int
    /// The kind of mistake, nil for a right detection.
    package let mistake: ErrorBreakdown.Kind?
    /// Index into the image's objects of the one that it overlaps most, if any: of its class where the
    /// class is right, of any class otherwise.
    package let objectIndex: Int?
    /// IoU with that object, 0...1.
    package let overlap: Double
    /// What `mostUncertain` is ordered by, in bits, 0...1.
    package let uncertainty: Double
  }

  /// Wrong detections, the most confident first.
  package let confidentMistakes: [Entry]
  /// Right and wrong detections, the most uncertain first.
  package let mostUncertain: [Entry]
  /// Whether ``Entry/uncertainty`` is BALD; otherwise it is the entropy of the confidence.
  ///
  /// It is BALD where detections have it, unless one minus the confidence tells wrong ones better.
  package let usesBALD: Bool
  /// What ``mostUncertain`` is ordered by, and why.
  package let orderText: String

  /// Chooses detections.
  ///
  /// - Parameters:
  ///   - images: Every image of the split.
  ///   - classNames: Names of the class indices.
  ///   - matcher: What counts as right.
  ///   - scoreFloor: Detections with less confidence are not shown.
  ///   - count: The most of either kind.
  /// - Throws: ``EvaluationError`` for NaN or infinite numbers and class indices without a name.
  package init(
    images: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher(), scoreFloor: Double = 0.05, count: Int = 20
  ) throws {
    let matched = try MatchedDetections(images, classNames: classNames, matcher: matcher)
      .withConfidence(atLeast: scoreFloor)
    let ledger = MistakeLedger(matched, images: images)
    let entries = Array(ledger.entries.joined())
    func detection(_ match: DetectionMatch) -> Detection {
      images[match.imageIndex].detections[match.detectionIndex]
    }
    let hasBALD = entries.contains { detection($0.match).uncertainty != nil }
    let decisions = matched.decisions(in: images)
    let areas = [UncertaintyScore.bald, .confidence].map {
      ErrorDetection(decisions, score: $0)?.areaUnderROC
    }
    let isBehind = areas[0].flatMap { bald in areas[1].map { bald < $0 } } ?? false
    let usesBALD = hasBALD && !isBehind
    self.usesBALD = usesBALD
    let numbers = "AUROC \(NumberText.percent(areas[0])) against \(NumberText.percent(areas[1])) %"
    orderText =
      usesBALD
      ? "BALD"
      : "entropy of the confidence, "
        + (hasBALD
          ? "for BALD tells wrong detections worse than the confidence (\(numbers))"
          : "as the model has no BALD")
    func entry(_ item: MistakeLedger.Entry) -> Entry {
      let found = detection(item.match)
      var best: (index: Int, overlap: Double)?
      switch item.kind {
      case nil, .duplicate, .localization:
        best = item.match.objectIndex.map { ($0, item.match.overlap) }
      default:
        let box = MatchedBox(found.box, matcher.overlap)
        for (index, object) in images[item.match.imageIndex].objects.enumerated() {
          let overlap = box.overlap(with: MatchedBox(object.box, matcher.overlap))
          if overlap > best?.overlap ?? 0 { best = (index, overlap) }
        }
      }
      return Entry(
        imageIndex: item.match.imageIndex, detectionIndex: item.match.detectionIndex,
        mistake: item.kind, objectIndex: best?.index, overlap: best?.overlap ?? 0,
        uncertainty: usesBALD
          ? Double(found.uncertainty?.bald ?? 0) : binaryEntropy(Double(found.confidence)))
    }
    func top(
      _ list: [MistakeLedger.Entry], by value: (MistakeLedger.Entry) -> Double
    ) -> [Entry] {
      let ranked = list.map { (item: $0, value: value($0)) }.sorted {
        let (a, b) = ($0.item.match, $1.item.match)
        return $0.value != $1.value
          ? $0.value > $1.value
          : (a.imageIndex, a.detectionIndex) < (b.imageIndex, b.detectionIndex)
      }
      return ranked.prefix(count).map { entry($0.item) }
    }
    confidentMistakes = top(entries.filter { $0.kind != nil }) { Double($0.match.confidence) }
    mostUncertain = top(entries) {
      usesBALD
        ? Double(detection($0.match).uncertainty?.bald ?? 0)
        : binaryEntropy(Double($0.match.confidence))
    }
  }
}
