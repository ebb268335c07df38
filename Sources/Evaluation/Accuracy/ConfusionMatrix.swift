import Detection

/// What objects of each class were taken for, and what detections of each class really were.
///
/// Of the detections with enough confidence, those that the matcher calls right are on the diagonal.
/// Each other one, most confident first, goes to the object of another class that nothing has found
/// yet and that it overlaps most, if the IoU reaches the matcher's threshold: a confusion. If there is
/// none, nothing was there for it to find (background, which duplicates and badly placed boxes
/// belong to). Objects that are left were missed. Detections of difficult objects do not count, nor
/// do those objects.
///
/// Every object is in exactly one cell of its row, every counted detection in exactly one of its
/// column.
package struct ConfusionMatrix: Hashable, Sendable {
  /// Names of the class indices.
  package let classNames: [String]
  /// Detections with less confidence were left out.
  package let confidence: Float
  /// By object's class, then detected class.
  package private(set) var counts: [[Int]]
  /// By class: objects that no detection was matched with.
  package private(set) var missed: [Int]
  /// By class: detections that no object was matched with.
  package private(set) var background: [Int]
  /// The objects that ``missed`` counts, image by image.
  package private(set) var missedObjects: [Place] = []

  /// An object of the images.
  package struct Place: Hashable, Sendable {
    /// Index of its image.
    package let image: Int
    /// Index into the image's objects.
    package let object: Int
  }

  /// The number of objects of a class that should be found.
  package func objects(of classIndex: Int) -> Int {
    counts[classIndex].reduce(missed[classIndex], +)
  }

  /// The number of detections of a class that count.
  package func detections(of classIndex: Int) -> Int {
    counts.reduce(background[classIndex]) { $0 + $1[classIndex] }
  }

  /// Counts.
  ///
  /// - Parameters:
  ///   - images: Every image of the split.
  ///   - classNames: Names of the class indices.
  ///   - matcher: What counts as right.
  ///   - confidence: Detections need at least this much.
  /// - Throws: ``EvaluationError`` for NaN or infinite numbers and class indices without a name.
  package init(
    images: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher(), confidence: Float
  ) throws {
    let matched = try MatchedDetections(images, classNames: classNames, matcher: matcher)
    self.classNames = classNames
    self.confidence = confidence
    counts = classNames.map { _ in [Int](repeating: 0, count: classNames.count) }
    missed = matched.classes.map(\.objectImages.count)
    background = [Int](repeating: 0, count: classNames.count)
    var found = images.map { [Bool](repeating: false, count: $0.objects.count) }
    var rest: [(match: DetectionMatch, classIndex: Int)] = []
    for (classIndex, entry) in matched.classes.enumerated() {
      for match in entry.matches where match.confidence >= confidence {
        if !match.isWrong, let object = match.objectIndex {
          found[match.imageIndex][object] = true
          counts[classIndex][classIndex] += 1
          missed[classIndex] -= 1
        } else {
          rest.append((match, classIndex))
        }
      }
    }
    let ranked = rest.sorted {
      let (a, b) = ($0.match, $1.match)
      return a.confidence != b.confidence
        ? a.confidence > b.confidence
        : (a.imageIndex, a.detectionIndex) < (b.imageIndex, b.detectionIndex)
    }
    for (match, classIndex) in ranked {
      let image = images[match.imageIndex]
      let box = MatchedBox(image.detections[match.detectionIndex].box, matcher.overlap)
      var best: (index: Int, overlap: Double)?
      for (index, object) in image.objects.enumerated()
      where object.classIndex != classIndex && !found[match.imageIndex][index] {
        if object.isDifficult && matcher.difficult != .counted { continue }
        let overlap = box.overlap(with: MatchedBox(object.box, matcher.overlap))
        if overlap > best?.overlap ?? 0 { best = (index, overlap) }
      }
      guard let best, matcher.reaches(best.overlap) else {
        background[classIndex] += 1
        continue
      }
      found[match.imageIndex][best.index] = true
      let row = image.objects[best.index].classIndex
      counts[row][classIndex] += 1
      missed[row] -= 1
    }
    missedObjects = images.enumerated().flatMap { index, image in
      image.objects.indices.compactMap { object in
        let isCounted = !image.objects[object].isDifficult || matcher.difficult == .counted
        return isCounted && !found[index][object] ? Place(image: index, object: object) : nil
      }
    }
  }
}
