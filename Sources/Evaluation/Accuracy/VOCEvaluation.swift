import Detection

/// Average precision per class and its mean, by the rules of PASCAL VOC.
package struct VOCEvaluation: Sendable {
  /// What a class without objects contributes to the mean.
  package enum AbsentClassRule: String, Sendable, CaseIterable {
    /// Nothing; its AP is undefined ("n/a").
    case exclude
    /// AP 0, as darknet's `map` counts it.
    case zero
  }

  /// The result of one class.
  package struct ClassResult: Sendable {
    /// The class's name.
    package let name: String
    /// AP in 0...1, nil if the class has no objects and absent classes are excluded.
    package let averagePrecision: Double?
    /// Objects to be found, without difficult ones unless those are counted.
    package let objects: Int
    /// Objects flagged difficult.
    package let difficult: Int
    /// All detections of the class.
    package let detections: Int
    /// Right detections.
    package let truePositives: Int
    /// Wrong detections, duplicates included.
    package let falsePositives: Int
    /// Detections of difficult objects.
    package let ignored: Int
    /// Precision against recall.
    package let curve: PrecisionRecallCurve
  }

  /// One result per class name, in their order.
  package let classes: [ClassResult]
  /// The rule behind the numbers.
  package let rule: AveragePrecision
  /// What counted as right.
  package let matcher: DetectionMatcher
  /// What classes without objects contribute.
  package let absentClass: AbsentClassRule
  /// The number of images.
  package let imageCount: Int
  /// How many of them have no detection of any class.
  package let imagesWithoutDetections: Int

  /// Evaluates detections.
  ///
  /// - Parameters:
  ///   - images: Every image of the split, in the split's order, also those without detections.
  ///   - classNames: Names of the class indices.
  ///   - rule: How AP is computed.
  ///   - matcher: What counts as right.
  ///   - absentClass: What classes without objects contribute.
  /// - Throws: ``EvaluationError`` for NaN or infinite numbers and class indices without a name.
  package init(
    images: [EvaluatedImage], classNames: [String], rule: AveragePrecision,
    matcher: DetectionMatcher = DetectionMatcher(), absentClass: AbsentClassRule = .exclude
  ) throws {
    for image in images { try image.validate(classCount: classNames.count) }
    let matches = matcher.matches(in: images, classCount: classNames.count)
    let positives = matcher.positiveCounts(in: images, classCount: classNames.count)
    var difficult = [Int](repeating: 0, count: classNames.count)
    for image in images {
      for object in image.objects where object.isDifficult { difficult[object.classIndex] += 1 }
    }
    self.rule = rule
    self.matcher = matcher
    self.absentClass = absentClass
    imageCount = images.count
    imagesWithoutDetections = images.count { $0.detections.isEmpty }
    classes = classNames.indices.map { index in
      let curve = PrecisionRecallCurve(matches[index], objectCount: positives[index])
      let right = curve.truePositives.last ?? 0
      let wrong = curve.falsePositives.last ?? 0
      return ClassResult(
        name: classNames[index],
        averagePrecision: rule.value(of: curve) ?? (absentClass == .zero ? 0 : nil),
        objects: positives[index], difficult: difficult[index],
        detections: matches[index].count, truePositives: right, falsePositives: wrong,
        ignored: matches[index].count - right - wrong, curve: curve)
    }
  }

  /// The same verdicts, summed up by another rule.
  package func with(_ rule: AveragePrecision) -> VOCEvaluation { VOCEvaluation(self, rule: rule) }

  private init(_ other: VOCEvaluation, rule: AveragePrecision) {
    self.rule = rule
    matcher = other.matcher
    absentClass = other.absentClass
    imageCount = other.imageCount
    imagesWithoutDetections = other.imagesWithoutDetections
    classes = other.classes.map { result in
      ClassResult(
        name: result.name,
        averagePrecision: rule.value(of: result.curve)
          ?? (other.absentClass == .zero ? 0 : nil), objects: result.objects,
        difficult: result.difficult, detections: result.detections,
        truePositives: result.truePositives, falsePositives: result.falsePositives,
        ignored: result.ignored, curve: result.curve)
    }
  }

  /// mAP in 0...1 over the classes that have an AP; nil if none has.
  package var meanAveragePrecision: Double? { mean(classes.map(\.averagePrecision)) }
}

/// The mean of the values that exist, nil if none does.
func mean(_ values: [Double?]) -> Double? {
  let present = values.compactMap(\.self)
  return present.isEmpty ? nil : present.reduce(0, +) / Double(present.count)
}
