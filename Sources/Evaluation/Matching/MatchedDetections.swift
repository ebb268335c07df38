import Detection

/// The detections of all images with their verdicts: what the metrics of boxes are computed from, and what makes decisions of
/// detections for the metrics of trust.
///
/// Detections of difficult objects are neither right nor wrong and are left out.
package struct MatchedDetections: Sendable {
  /// The verdicts of one class.
  package struct ClassMatches: Sendable {
    /// The class's name.
    package let name: String
    /// Right and wrong detections, most confident first.
    package let matches: [DetectionMatch]
    /// For every object that should be found, the index of its image.
    package let objectImages: [Int]
  }

  /// One entry per class name, in their order.
  package let classes: [ClassMatches]
  /// The number of images.
  package let imageCount: Int
  /// What counted as right.
  package let matcher: DetectionMatcher

  /// Matches detections with objects.
  ///
  /// - Parameters:
  ///   - images: Every image of the split, also those without detections.
  ///   - classNames: Names of the class indices.
  ///   - matcher: What counts as right.
  /// - Throws: ``EvaluationError`` for NaN or infinite numbers and class indices without a name.
  package init(
    _ images: [EvaluatedImage], classNames: [String],
    matcher: DetectionMatcher = DetectionMatcher()
  ) throws {
    for image in images { try image.validate(classCount: classNames.count) }
    let matches = matcher.matches(in: images, classCount: classNames.count)
    var objectImages = [[Int]](repeating: [], count: classNames.count)
    for (index, image) in images.enumerated() {
      for object in image.objects where matcher.difficult == .counted || !object.isDifficult {
        objectImages[object.classIndex].append(index)
      }
    }
    classes = classNames.indices.map { index in
      ClassMatches(
        name: classNames[index], matches: matches[index].filter { $0.outcome != .ignored },
        objectImages: objectImages[index])
    }
    imageCount = images.count
    self.matcher = matcher
  }

  private init(classes: [ClassMatches], imageCount: Int, matcher: DetectionMatcher) {
    self.classes = classes
    self.imageCount = imageCount
    self.matcher = matcher
  }

  /// The same without the detections whose confidence is below a floor; the objects stay.
  package func withConfidence(atLeast floor: Double) -> MatchedDetections {
    MatchedDetections(
      classes: classes.map { entry in
        let count = entry.matches.firstIndex { Double($0.confidence) < floor }
        return ClassMatches(
          name: entry.name, matches: Array(entry.matches[..<(count ?? entry.matches.count)]),
          objectImages: entry.objectImages)
      }, imageCount: imageCount, matcher: matcher)
  }

  /// One class alone.
  package func ofClass(_ index: Int) -> MatchedDetections {
    MatchedDetections(classes: [classes[index]], imageCount: imageCount, matcher: matcher)
  }

  /// The number of objects that should be found.
  package var objectCount: Int { classes.reduce(0) { $0 + $1.objectImages.count } }

  /// The verdicts of all classes, class after class.
  package var pooled: [DetectionMatch] { classes.flatMap(\.matches) }
}

extension DetectionMatch {
  /// Whether the detection is wrong.
  package var isWrong: Bool { outcome == .falsePositive }
}
