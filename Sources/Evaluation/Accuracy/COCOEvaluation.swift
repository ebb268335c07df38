package import Compute
import Detection

/// Average precision and recall by the rules of COCO's own tool, on boxes.
///
/// Objects flagged difficult, and crowds, are ignored: finding one is neither right nor wrong, missing
/// it costs nothing. Ties in confidence keep the order of `images`; COCO's tool sorts images by id.
package struct COCOEvaluation: Sendable {
  /// COCO's twelve numbers, each in 0...1, nil where no object falls into the area range.
  package struct Summary: Sendable, Equatable {
    /// AP, mean over IoU .50, .55, …, .95.
    package let ap: Double?
    /// AP at IoU .50.
    package let ap50: Double?
    /// AP at IoU .75.
    package let ap75: Double?
    /// AP of objects up to 32² pixels.
    package let apSmall: Double?
    /// AP of objects from 32² to 96² pixels.
    package let apMedium: Double?
    /// AP of objects from 96² pixels.
    package let apLarge: Double?
    /// Recall with the single most confident detection per image and class, mean over IoU.
    package let ar1: Double?
    /// Recall with ten detections.
    package let ar10: Double?
    /// Recall with a hundred detections.
    package let ar100: Double?
    /// Recall of small objects.
    package let arSmall: Double?
    /// Recall of medium objects.
    package let arMedium: Double?
    /// Recall of large objects.
    package let arLarge: Double?
  }

  /// The names of the twelve numbers, in COCO's order.
  package enum Number: String, Sendable, CaseIterable {
    case ap, ap50, ap75, apSmall, apMedium, apLarge
    case ar1, ar10, ar100, arSmall, arMedium, arLarge
  }

  /// The result of one class.
  package struct ClassResult: Sendable, Equatable {
    /// The class's name.
    package let name: String
    /// The class's own twelve numbers.
    package let summary: Summary
  }

  /// The IoU thresholds .50, .55, …, .95, rounded as NumPy's `linspace` rounds them.
  package static let thresholds: [Double] = {
    let first = 0.5
    let last = 0.95
    let step = (last - first) / 9
    return (0...9).map { $0 == 9 ? last : first + Double($0) * step }
  }()

  /// Means over the classes that have objects.
  package let summary: Summary
  /// One result per class name, in their order.
  package let classes: [ClassResult]
  /// The number of images.
  package let imageCount: Int
  /// What the numbers were made of, by class.
  let rankings: [COCORanking]

  /// Evaluates detections, at most 100 per image and class.
  ///
  /// - Parameters:
  ///   - images: Every image of the split.
  ///   - classNames: Names of the class indices.
  ///   - difficult: What becomes of objects flagged difficult.
  ///   - pool: Threads to work on; nil for the caller's alone.
  /// - Throws: ``EvaluationError`` for NaN or infinite numbers and class indices without a name.
  package init(
    images: [EvaluatedImage], classNames: [String],
    difficult: DetectionMatcher.DifficultRule = .ignored, pool: ThreadPool? = nil
  ) throws {
    for image in images { try image.validate(classCount: classNames.count) }
    var tables = [COCOClassTable](repeating: COCOClassTable(), count: classNames.count)
    for (number, image) in images.enumerated() {
      for (index, object) in image.objects.enumerated() {
        if difficult == .removed && object.isDifficult { continue }
        let detail = index < image.details.count ? image.details[index] : nil
        let box = MatchedBox(edges: object.box)
        let isCrowd = detail?.isCrowd ?? false
        tables[object.classIndex].append(
          COCOMatcher.Object(
            area: detail?.area ?? box.area,
            isLeftOut: isCrowd || difficult == .ignored && object.isDifficult, isCrowd: isCrowd),
          box, image: number)
      }
      for detection in image.detections {
        tables[detection.classIndex].append(detection, image: number)
      }
    }
    for index in tables.indices { tables[index].finish() }
    let results = Self.results(tables, imageCount: images.count, pool)
    rankings = results.map(\.0)
    imageCount = images.count
    classes = zip(classNames, results).map { ClassResult(name: $0, summary: $1.1) }
    summary = Summary(meanOf: results.map(\.1))
  }

  private static func results(
    _ tables: [COCOClassTable], imageCount: Int, _ pool: ThreadPool?
  ) -> [(COCORanking, Summary)] {
    let once = ImageWeights.once(imageCount: imageCount).counts
    @Sendable func one(_ index: Int) -> (COCORanking, Summary) {
      let ranking = tables[index].ranking()
      return (ranking, once.withUnsafeBufferPointer { ranking.summary($0) })
    }
    return pool?.map(count: tables.count, one) ?? tables.indices.map(one)
  }
}

extension COCOEvaluation.Summary {
  /// The means over the classes that have a number.
  init(meanOf classes: [Self]) {
    func mean(_ value: KeyPath<Self, Double?>) -> Double? {
      Evaluation.mean(classes.map { $0[keyPath: value] })
    }
    self.init(
      ap: mean(\.ap), ap50: mean(\.ap50), ap75: mean(\.ap75), apSmall: mean(\.apSmall),
      apMedium: mean(\.apMedium), apLarge: mean(\.apLarge), ar1: mean(\.ar1), ar10: mean(\.ar10),
      ar100: mean(\.ar100), arSmall: mean(\.arSmall), arMedium: mean(\.arMedium),
      arLarge: mean(\.arLarge))
  }

  /// One of the twelve numbers.
  package subscript(_ number: COCOEvaluation.Number) -> Double? {
    switch number {
    case .ap: ap
    case .ap50: ap50
    case .ap75: ap75
    case .apSmall: apSmall
    case .apMedium: apMedium
    case .apLarge: apLarge
    case .ar1: ar1
    case .ar10: ar10
    case .ar100: ar100
    case .arSmall: arSmall
    case .arMedium: arMedium
    case .arLarge: arLarge
    }
  }
}
