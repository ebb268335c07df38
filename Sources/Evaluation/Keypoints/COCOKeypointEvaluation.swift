import Geometry
package import Keypoints

/// Average precision and recall of found persons by the rules of COCO's own tool.
///
/// As for boxes, with object keypoint similarity in place of IoU, at most 20 persons in an image, and no
/// small ones. Persons without an annotated keypoint, and those that the annotation says to ignore, such
/// as crowds, are left out: finding them is neither right nor wrong.
package struct COCOKeypointEvaluation: ImageStatistic {
  /// COCO's ten numbers, each in 0...1, in its order.
  package enum Number: String, Sendable, CaseIterable {
    /// Mean over similarities .50, .55, …, .95; at .50; at .75; of areas from 32² to 96² pixels; larger.
    case ap, ap50, ap75, apMedium, apLarge
    /// Recall, likewise.
    case ar, ar50, ar75, arMedium, arLarge

    /// What tables call it.
    package var title: String {
      switch self {
      case .ap: "AP"
      case .ap50: "AP50"
      case .ap75: "AP75"
      case .apMedium: "AP medium"
      case .apLarge: "AP large"
      case .ar: "AR"
      case .ar50: "AR50"
      case .ar75: "AR75"
      case .arMedium: "AR medium"
      case .arLarge: "AR large"
      }
    }
  }

  /// At most this many persons count in an image.
  package static let personLimit = 20

  /// The number of images.
  package let imageCount: Int
  private let ranking: COCORanking

  /// Evaluates the persons of images.
  ///
  /// Of persons with one score the earlier image's comes first, then the earlier one; COCO's tool sorts
  /// images by id.
  ///
  /// - Parameters:
  ///   - images: Every image of the split.
  ///   - layout: What the keypoints are, with their deviations.
  /// - Throws: ``EvaluationError/noSimilarity(_:)`` without deviations or without a person's area;
  ///   otherwise as ``KeypointErrors/init(_:reference:minimumLength:leavingOut:)``.
  package init(_ images: [ImagePersons], layout: KeypointLayout) throws {
    let similarity = try ObjectKeypointSimilarity(layout)
    var table = Table()
    for (index, image) in images.enumerated() {
      try Self.validate(image, layout)
      table.append(image, index: index, similarity)
    }
    imageCount = images.count
    ranking = table.ranking
  }

  /// One per ``Number``.
  package var valueCount: Int { Number.allCases.count }

  /// The values of a sample of the images; nil where no person falls into the range of areas.
  package func values(_ weights: ImageWeights) -> [Double?] {
    let levels = weights.counts.withUnsafeBufferPointer { ranking.levels($0) }
    return Number.allCases.map { number in
      switch number {
      case .ap: levels.precision(0)
      case .ap50: levels.precisions[0]
      case .ap75: levels.precisions[5]
      case .apMedium: levels.precision(2)
      case .apLarge: levels.precision(3)
      case .ar: levels.recall(0)
      case .ar50: levels.recall(0, 0..<1)
      case .ar75: levels.recall(0, 5..<6)
      case .arMedium: levels.recall(2)
      case .arLarge: levels.recall(3)
      }
    }
  }

  /// One of the numbers; nil where no person falls into the range of areas.
  package subscript(_ number: Number) -> Double? {
    Number.allCases.firstIndex(of: number).flatMap { values[$0] }
  }

  private static func validate(_ image: ImagePersons, _ layout: KeypointLayout) throws {
    for person in image.found {
      _ = try JudgedImages(
        [
          JudgedKeypoints(
            id: image.id, truth: KeypointTruth(layout: layout, points: []),
            found: person.keypoints)
        ], ofPersons: true)
      guard person.score.isFinite else {
        throw EvaluationError.notFinite("a person's score", image: image.id)
      }
    }
    for truth in image.truths {
      guard truth.layout.names == layout.names else {
        throw EvaluationError.otherLayout(sample: image.id)
      }
      if let point = truth.points.first(where: { !layout.names.indices.contains($0.index) }) {
        throw EvaluationError.noKeypoint(point.index, count: layout.count, sample: image.id)
      }
      guard truth.points.allSatisfy(\.position.isFinite) else {
        throw EvaluationError.notFinite("an annotated keypoint", image: image.id)
      }
      guard let area = truth.sizes.area, area.isFinite else {
        throw EvaluationError.noSimilarity(
          "it takes the area of every person, which image '\(image.id)' does not have")
      }
    }
  }
}

/// The persons of all images so far, with what they found.
private struct Table {
  private var matcher = COCOMatcher()
  private var keys: [UInt32] = []
  private var ranks: [UInt8] = []
  private var verdicts: [COCOVerdict] = []
  private var images: [Int32] = []
  private var objects: [(image: Int32, counts: SIMD4<Int32>)] = []

  mutating func append(
    _ image: ImagePersons, index: Int, _ similarity: ObjectKeypointSimilarity
  ) {
    let order = image.found.indices.sorted {
      let (first, second) = (image.found[$0].score, image.found[$1].score)
      return first != second ? first > second : $0 < $1
    }
    let places = order.prefix(COCOKeypointEvaluation.personLimit).map { place in
      image.found[place].keypoints.sorted { $0.index < $1.index }.map(\.position)
    }
    var own = places.map { COCOVerdict(ownRanges: COCOMatcher.rangeBits(Self.area($0))) }
    if !image.truths.isEmpty {
      let persons = image.truths.map { truth in
        COCOMatcher.Object(
          area: truth.sizes.area ?? 0, isLeftOut: truth.points.isEmpty || truth.sizes.isIgnored,
          isCrowd: truth.sizes.isIgnored)
      }
      objects.append(
        (Int32(index), SIMD4(COCOMatcher.positiveCounts(persons).map(Int32.init))))
      own.withUnsafeMutableBufferPointer { own in
        matcher.match(persons, into: own) { similarity.value(places[$0], image.truths[$1]) }
      }
    }
    for (rank, verdict) in own.enumerated() {
      keys.append(DetectionRanking.descendingKey(image.found[order[rank]].score))
      ranks.append(UInt8(rank))
      images.append(Int32(index))
      verdicts.append(verdict)
    }
  }

  var ranking: COCORanking {
    COCORanking(keys: keys, images: images, ranks: ranks, verdicts: verdicts, objects: objects)
  }

  /// Of the smallest box around keypoints, square pixels.
  private static func area(_ places: [Point]) -> Double {
    let (x, y) = (places.map(\.x), places.map(\.y))
    return ((x.max() ?? 0) - (x.min() ?? 0)) * ((y.max() ?? 0) - (y.min() ?? 0))
  }
}
