import Detection

/// Average precision and recall by the rules of COCO's own tool, on boxes.
///
/// Objects flagged difficult are ignored: finding one is neither right nor wrong, missing it costs
/// nothing. Ties in confidence keep the order of `images`; COCO's tool sorts images by id.
public struct COCOEvaluation: Sendable {
  /// COCO's twelve numbers, each in 0...1, nil where no object falls into the area range.
  public struct Summary: Sendable, Equatable {
    /// AP, mean over IoU .50, .55, …, .95.
    public let ap: Double?
    /// AP at IoU .50.
    public let ap50: Double?
    /// AP at IoU .75.
    public let ap75: Double?
    /// AP of objects up to 32² pixels.
    public let apSmall: Double?
    /// AP of objects from 32² to 96² pixels.
    public let apMedium: Double?
    /// AP of objects from 96² pixels.
    public let apLarge: Double?
    /// Recall with the single most confident detection per image and class, mean over IoU.
    public let ar1: Double?
    /// Recall with ten detections.
    public let ar10: Double?
    /// Recall with a hundred detections.
    public let ar100: Double?
    /// Recall of small objects.
    public let arSmall: Double?
    /// Recall of medium objects.
    public let arMedium: Double?
    /// Recall of large objects.
    public let arLarge: Double?
  }

  /// The result of one class.
  public struct ClassResult: Sendable, Equatable {
    /// The class's name.
    public let name: String
    /// The class's own twelve numbers.
    public let summary: Summary
  }

  /// The IoU thresholds .50, .55, …, .95, rounded as NumPy's `linspace` rounds them.
  public static let thresholds: [Double] = {
    let first = 0.5
    let last = 0.95
    let step = (last - first) / 9
    return (0...9).map { $0 == 9 ? last : first + Double($0) * step }
  }()

  /// Means over the classes that have objects.
  public let summary: Summary
  /// One result per class name, in their order.
  public let classes: [ClassResult]

  /// Evaluates detections, at most 100 per image and class.
  ///
  /// - Parameters:
  ///   - images: Every image of the split.
  ///   - classNames: Names of the class indices.
  /// - Throws: ``EvaluationError`` for NaN or infinite numbers and class indices without a name.
  public init(images: [EvaluatedImage], classNames: [String]) throws {
    for image in images { try image.validate(classCount: classNames.count) }
    let pairs = Self.pairs(of: images, classCount: classNames.count)
    let classes = zip(classNames, pairs).map {
      ClassResult(name: $0, summary: Summary($1))
    }
    self.classes = classes
    func mean(_ value: KeyPath<Summary, Double?>) -> Double? {
      Evaluation.mean(classes.map { $0.summary[keyPath: value] })
    }
    summary = Summary(
      ap: mean(\.ap), ap50: mean(\.ap50), ap75: mean(\.ap75),
      apSmall: mean(\.apSmall), apMedium: mean(\.apMedium), apLarge: mean(\.apLarge),
      ar1: mean(\.ar1), ar10: mean(\.ar10), ar100: mean(\.ar100),
      arSmall: mean(\.arSmall), arMedium: mean(\.arMedium), arLarge: mean(\.arLarge))
  }

  /// Per class, the images that have an object or a detection of it.
  private static func pairs(of images: [EvaluatedImage], classCount: Int) -> [[COCOPair]] {
    var result = [[COCOPair]](repeating: [], count: classCount)
    for image in images {
      let objects = Dictionary(grouping: image.objects, by: \.classIndex)
      let detections = Dictionary(grouping: image.detections, by: \.classIndex)
      for index in Set(objects.keys).union(detections.keys) {
        result[index].append(
          COCOPair(objects: objects[index] ?? [], detections: detections[index] ?? []))
      }
    }
    return result
  }
}

extension COCOEvaluation.Summary {
  /// The twelve numbers of one class.
  fileprivate init(_ pairs: [COCOPair]) {
    let all = COCOAreaResult(pairs, range: 0...1e10)
    let small = COCOAreaResult(pairs, range: 0...1024)
    let medium = COCOAreaResult(pairs, range: 1024...9216)
    let large = COCOAreaResult(pairs, range: 9216...1e10)
    self.init(
      ap: all?.averagePrecision, ap50: all?.averagePrecisions[0],
      ap75: all?.averagePrecisions[5], apSmall: small?.averagePrecision,
      apMedium: medium?.averagePrecision, apLarge: large?.averagePrecision,
      ar1: all?.recall(detectionLimit: 1), ar10: all?.recall(detectionLimit: 10),
      ar100: all?.recall(detectionLimit: 100), arSmall: small?.recall(detectionLimit: 100),
      arMedium: medium?.recall(detectionLimit: 100), arLarge: large?.recall(detectionLimit: 100))
  }
}
