package import Compute

/// Mean and per-class average precision by one or several rules, for resampling.
///
/// Matching happens within an image, so a resample needs no new matching: a detection counts as
/// often as its image was drawn. All copies of a detection stand together in the ranking, which
/// matters only where detections of an image share a confidence.
package struct AveragePrecisionStatistic: ImageStatistic {
  /// The rules, in the order of the values.
  package let rules: [AveragePrecision]
  /// What classes without objects contribute to the mean.
  package let absentClass: VOCEvaluation.AbsentClassRule
  /// The number of images.
  package let imageCount: Int
  private let classes: [ClassTable]

  /// Image, and whether the detection is right in the lowest bit, most confident first.
  private struct ClassTable: Sendable {
    let detections: [UInt32]
    let rightCount: Int
    let objectImages: [Int32]
  }

  /// The statistic of matched detections.
  package init(
    _ matched: MatchedDetections, rules: [AveragePrecision],
    absentClass: VOCEvaluation.AbsentClassRule = .exclude
  ) {
    self.rules = rules
    self.absentClass = absentClass
    imageCount = matched.imageCount
    classes = matched.classes.map { entry in
      ClassTable(
        detections: entry.matches.map { UInt32($0.imageIndex) << 1 | ($0.isWrong ? 0 : 1) },
        rightCount: entry.matches.count { !$0.isWrong },
        objectImages: entry.objectImages.map(Int32.init))
    }
  }

  /// For every rule the mean and then each class.
  package var valueCount: Int { rules.count * (1 + classes.count) }

  /// Where each rule's mean stands among the values.
  package var meanPlaces: [Int] { rules.indices.map { $0 * (1 + classes.count) } }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    let steps = weights.counts.withUnsafeBufferPointer { counts in
      classes.map { Self.steps($0, counts) }
    }
    return rules.flatMap { rule in
      let values = steps.map { rule.value(of: $0) ?? (absentClass == .zero ? 0 : nil) }
      return [mean(values)] + values
    }
  }

  private static func steps(
    _ table: ClassTable, _ counts: UnsafeBufferPointer<Int32>
  ) -> PrecisionSteps {
    var objectCount = 0
    for image in table.objectImages { objectCount += Int(counts[Int(image)]) }
    var steps = PrecisionSteps(objectCount: objectCount)
    steps.reserveCapacity(table.rightCount)
    var right = 0
    var wrong = 0
    for entry in table.detections {
      let count = Int(counts[Int(entry >> 1)])
      if entry & 1 == 0 {
        wrong += count
      } else if count > 0 {
        right += count
        steps.append(truePositives: right, falsePositives: wrong)
      }
    }
    steps.makeMonotonic()
    return steps
  }
}

/// Average precision with intervals, by one rule.
package struct AveragePrecisionEstimate: Sendable {
  /// The rule.
  package let rule: AveragePrecision
  /// mAP in 0...1.
  package let mean: Estimate
  /// AP per class name, in their order.
  package let classes: [Estimate]
}

/// How the average precision of two detectors differs, by one rule.
package struct AveragePrecisionDifference: Sendable {
  /// The rule; nil for COCO's mean over IoU thresholds.
  package let rule: AveragePrecision?
  /// The difference of mAP, −1...1; positive if the second detector is better.
  package let mean: EstimatedDifference
  /// The difference of AP per class name, in their order.
  package let classes: [EstimatedDifference]
}

extension Bootstrap {
  /// Average precision with intervals over images.
  ///
  /// - Parameters:
  ///   - images: Every image of the split.
  ///   - classNames: Names of the class indices.
  ///   - rules: How AP is computed, one result each.
  ///   - matcher: What counts as right.
  ///   - absentClass: What classes without objects contribute.
  ///   - pool: Threads to draw on.
  /// - Returns: One entry per rule.
  /// - Throws: ``EvaluationError`` for NaN or infinite numbers and class indices without a name.
  package func averagePrecision(
    of images: [EvaluatedImage], classNames: [String], rules: [AveragePrecision] = [.area],
    matcher: DetectionMatcher = DetectionMatcher(),
    absentClass: VOCEvaluation.AbsentClassRule = .exclude, pool: ThreadPool? = nil
  ) throws -> [AveragePrecisionEstimate] {
    let matched = try MatchedDetections(images, classNames: classNames, matcher: matcher)
    let flat = estimates(
      of: AveragePrecisionStatistic(matched, rules: rules, absentClass: absentClass), pool: pool)
    let stride = 1 + classNames.count
    return rules.enumerated().map { index, rule in
      AveragePrecisionEstimate(
        rule: rule, mean: flat[index * stride],
        classes: Array(flat[(index * stride + 1)..<((index + 1) * stride)]))
    }
  }

  /// How two detectors differ in average precision on the same images.
  ///
  /// - Parameters:
  ///   - first: Every image with the first detector's detections.
  ///   - second: The same images, in any order, with the second's.
  ///   - classNames: Names of the class indices of both.
  ///   - rules: How AP is computed, one result each.
  ///   - matcher: What counts as right.
  ///   - absentClass: What classes without objects contribute.
  ///   - pool: Threads to draw on.
  /// - Returns: Second minus first.
  /// - Throws: ``EvaluationError/differentImages(_:)`` if the two are not of the same images;
  ///   otherwise as ``averagePrecision(of:classNames:rules:matcher:absentClass:pool:)``.
  package func averagePrecisionDifference(
    from first: [EvaluatedImage], to second: [EvaluatedImage], classNames: [String],
    rules: [AveragePrecision] = [.area], matcher: DetectionMatcher = DetectionMatcher(),
    absentClass: VOCEvaluation.AbsentClassRule = .exclude, pool: ThreadPool? = nil
  ) throws -> [AveragePrecisionDifference] {
    let second = try EvaluatedImage.aligned(second, with: first)
    let statistics = try [first, second].map {
      AveragePrecisionStatistic(
        try MatchedDetections($0, classNames: classNames, matcher: matcher), rules: rules,
        absentClass: absentClass)
    }
    let flat = differences(from: statistics[0], to: statistics[1], pool: pool)
    let stride = 1 + classNames.count
    return rules.enumerated().map { index, rule in
      AveragePrecisionDifference(
        rule: rule, mean: flat[index * stride],
        classes: Array(flat[(index * stride + 1)..<((index + 1) * stride)]))
    }
  }
}

extension EvaluatedImage {
  /// `images` in the order of `others`.
  ///
  /// - Throws: ``EvaluationError/differentImages(_:)`` naming an image that only one of them has.
  static func aligned(
    _ images: [EvaluatedImage], with others: [EvaluatedImage]
  ) throws -> [EvaluatedImage] {
    if images.map(\.id) == others.map(\.id) { return images }
    let places = Dictionary(
      images.indices.map { (images[$0].id, $0) }, uniquingKeysWith: { first, _ in first })
    let ordered = try others.map { other in
      guard let place = places[other.id] else { throw EvaluationError.differentImages(other.id) }
      return images[place]
    }
    if let extra = Set(images.map(\.id)).subtracting(others.map(\.id)).min() {
      throw EvaluationError.differentImages(extra)
    }
    return ordered
  }
}
