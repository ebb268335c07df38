import Detection

/// Every wrong detection with its kind and the object that it points at.
struct MistakeLedger {
  /// An object's place.
  struct Target: Hashable {
    let image: Int
    let object: Int
  }

  /// A detection that counts; `kind` is nil for a right one.
  struct Entry {
    let match: DetectionMatch
    let kind: ErrorBreakdown.Kind?
    let target: Target?
  }

  private let images: [EvaluatedImage]
  private let countsDifficult: Bool
  /// By class, most confident first.
  let entries: [[Entry]]
  private let objectCounts: [Int]
  private let found: Set<Target>
  /// Objects that nothing points at, by class.
  private let missed: [Int]

  init(_ matched: MatchedDetections, images: [EvaluatedImage]) {
    self.images = images
    let countsDifficult = matched.matcher.difficult == .counted
    self.countsDifficult = countsDifficult
    entries = matched.classes.enumerated().map { classIndex, content in
      content.matches.map {
        Self.entry($0, classIndex: classIndex, images: images, matcher: matched.matcher)
      }
    }
    objectCounts = matched.classes.map(\.objectImages.count)
    var found: Set<Target> = []
    var pointedAt: Set<Target> = []
    for entry in entries.joined() {
      guard let target = entry.target else { continue }
      if entry.kind == nil { found.insert(target) } else { pointedAt.insert(target) }
    }
    self.found = found
    var missed = objectCounts
    for target in found.union(pointedAt) {
      let object = images[target.image].objects[target.object]
      if countsDifficult || !object.isDifficult {
        missed[object.classIndex] -= 1
      }
    }
    self.missed = missed
  }

  private static func entry(
    _ match: DetectionMatch, classIndex: Int, images: [EvaluatedImage], matcher: DetectionMatcher
  ) -> Entry {
    let own = match.objectIndex.map { Target(image: match.imageIndex, object: $0) }
    guard match.isWrong else { return Entry(match: match, kind: nil, target: own) }
    if match.objectIndex != nil, matcher.reaches(match.overlap) {
      return Entry(match: match, kind: .duplicate, target: nil)
    }
    if match.overlap >= ErrorBreakdown.touch {
      return Entry(match: match, kind: .localization, target: own)
    }
    let image = images[match.imageIndex]
    let corners = MatchedBox(image.detections[match.detectionIndex].box, matcher.overlap)
    var best = -1
    var overlap = 0.0
    for (index, object) in image.objects.enumerated() where object.classIndex != classIndex {
      if matcher.difficult == .removed && object.isDifficult { continue }
      let value = corners.overlap(with: MatchedBox(object.box, matcher.overlap))
      if value > overlap { (best, overlap) = (index, value) }
    }
    if best >= 0, matcher.reaches(overlap) {
      let target = Target(image: match.imageIndex, object: best)
      return Entry(match: match, kind: .wrongClass, target: target)
    }
    let touches = overlap >= ErrorBreakdown.touch
    return Entry(
      match: match, kind: touches ? .wrongClassAndLocalization : .background, target: nil)
  }

  /// The right detections and mistakes of a class.
  func counts(of classIndex: Int, name: String) -> ErrorBreakdown.Counts {
    var counts = ErrorBreakdown.Counts(name: name)
    counts.objects = objectCounts[classIndex]
    for entry in entries[classIndex] {
      if let kind = entry.kind {
        counts.mistakes[kind, default: 0] += 1
      } else {
        counts.right += 1
      }
    }
    if missed[classIndex] > 0 { counts.mistakes[.missed] = missed[classIndex] }
    return counts
  }

  /// AP of every class as it is, or with one kind of mistake put right.
  func averagePrecisions(
    _ rule: AveragePrecision, without kind: ErrorBreakdown.Kind?
  ) -> [Double?] {
    var ranked = entries.map { list in
      list.filter { $0.kind == nil || $0.kind != kind }
        .map { (match: $0.match, isRight: $0.kind == nil) }
    }
    if let kind {
      for (target, match) in corrections(of: kind) {
        let object = images[target.image].objects[target.object]
        ranked[object.classIndex].append((match, true))
      }
    }
    return ranked.indices.map { index in
      let objects = objectCounts[index] - (kind == .missed ? missed[index] : 0)
      // A class that is missed altogether has no curve even then; it gains nothing.
      return rule.value(of: Self.steps(ranked[index], objectCount: objects))
        ?? (objectCounts[index] > 0 ? 0 : nil)
    }
  }

  /// For every object that a mistake of the kind points at and nothing found, the most confident
  /// such detection; difficult objects give nothing.
  private func corrections(of kind: ErrorBreakdown.Kind) -> [Target: DetectionMatch] {
    var best: [Target: DetectionMatch] = [:]
    for entry in entries.joined() where entry.kind == kind {
      guard let target = entry.target, !found.contains(target) else { continue }
      let object = images[target.image].objects[target.object]
      guard countsDifficult || !object.isDifficult else { continue }
      if let rival = best[target], !Self.ranksBefore(entry.match, rival) { continue }
      best[target] = entry.match
    }
    return best
  }

  private static func steps(
    _ detections: [(match: DetectionMatch, isRight: Bool)], objectCount: Int
  ) -> PrecisionSteps {
    var steps = PrecisionSteps(objectCount: objectCount)
    var right = 0
    var wrong = 0
    for detection in detections.sorted(by: { ranksBefore($0.match, $1.match) }) {
      if detection.isRight {
        right += 1
        steps.append(truePositives: right, falsePositives: wrong)
      } else {
        wrong += 1
      }
    }
    steps.makeMonotonic()
    return steps
  }

  /// The order of the matcher: confidence, image, place in the file.
  private static func ranksBefore(_ first: DetectionMatch, _ second: DetectionMatch) -> Bool {
    if first.confidence != second.confidence { return first.confidence > second.confidence }
    return (first.imageIndex, first.detectionIndex) < (second.imageIndex, second.detectionIndex)
  }
}
