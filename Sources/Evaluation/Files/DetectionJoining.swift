import Detection

extension EvaluatedImage {
  /// Puts detections from files beside the annotations that they are to be compared with.
  ///
  /// An image is recognised by its id, or by a file name or path whose last part is the id with or
  /// without an extension, see ``ImageNames``. Images without detections stay in the result.
  ///
  /// - Parameters:
  ///   - detections: Lists of detections, at most one per image, in any order.
  ///   - images: The images of the split; detections that they have already are replaced.
  ///   - classNames: Names of the class indices.
  /// - Returns: `images`, in their order, with the detections.
  /// - Throws: ``EvaluationError`` for an image or class that is unknown and for a second list of
  ///   an image's detections.
  package static func joining(
    _ detections: [ImageDetections], to images: [EvaluatedImage], classNames: [String]
  ) throws -> [EvaluatedImage] {
    let indices = try indices(of: detections, in: images)
    let classes = Dictionary(
      classNames.indices.map { (classNames[$0], $0) }, uniquingKeysWith: { first, _ in first })
    var joined = images
    for index in joined.indices { joined[index].detections = [] }
    for (list, index) in zip(detections, indices) {
      joined[index].detections = try list.detections.enumerated().map { number, detection in
        guard let classIndex = classes[detection.className] else {
          throw EvaluationError.unknownClass(
            detection.className, source: list.source + ".detections[\(number)]",
            suggestion: suggestion(for: detection.className, among: classNames))
        }
        var found = Detection(
          box: detection.box, classIndex: classIndex, confidence: detection.confidence,
          objectness: detection.objectness ?? detection.confidence,
          uncertainty: detection.uncertainty, expectedIoU: detection.expectedIoU)
        found.edges = detection.edges
        found.merged = detection.merged
        found.probability = detection.probability
        return found
      }
    }
    return joined
  }

  /// For every list the image that it is of.
  ///
  /// - Throws: ``EvaluationError`` for an unknown image, a second list of one, and one of two images
  ///   of the same name.
  static func indices(
    of detections: [ImageDetections], in images: [EvaluatedImage]
  ) throws -> [Int] {
    let names = ImageNames(images)
    var isListed = [Bool](repeating: false, count: images.count)
    return try detections.map { list in
      let found = names.indices(of: list.file)
      guard let index = found.first else {
        throw EvaluationError.unknownImage(
          list.file, source: list.source,
          unknown: detections.count { names.indices(of: $0.file).isEmpty }, of: detections.count)
      }
      if found.count > 1 {
        let other = images[found[1]].id
        throw images[index].id == other
          ? EvaluationError.ambiguousImage(other, source: list.source)
          : EvaluationError.ambiguousName(
            list.file, images[index].id, other, source: list.source)
      }
      guard !isListed[index] else {
        throw EvaluationError.duplicateImage(list.file, source: list.source)
      }
      isListed[index] = true
      return index
    }
  }

  /// The class whose name differs in nothing but case, blanks and signs.
  static func suggestion(for name: String, among classNames: [String]) -> String? {
    func letters(_ text: String) -> String {
      text.lowercased().filter { $0.isLetter || $0.isNumber }
    }
    return classNames.first { letters($0) == letters(name) }
  }

  /// The detections with the names of their classes, as files hold them.
  ///
  /// - Parameter classNames: Names of the class indices; every detection's must be among them.
  /// - Returns: A list whose `file` is the id.
  package func named(_ classNames: [String]) -> ImageDetections {
    ImageDetections(
      file: id,
      detections: detections.map {
        var named = NamedDetection($0, classNames: classNames)
        named.objectness = nil
        return named
      })
  }
}
