import Detection
package import Files
package import Foundation
import Geometry

/// Detections in COCO's format of results: `[{"image_id", "category_id", "bbox", "score"}]`.
///
/// mmdetection and Detectron2 write the ids of COCO annotations; Ultralytics names images by file
/// name, or by the number that is their name, and Darknet by the number after its last underline.
package struct COCOResultFile: Sendable {
  private let imageIndices: [FileIdentifier: Int]
  private let classIndices: [FileIdentifier: Int]

  /// What the ids of a file mean.
  ///
  /// - Parameters:
  ///   - imageIndices: Indices of the annotated images by COCO's ids; empty where the annotations
  ///     are of another format.
  ///   - classIndices: Indices of the classes by COCO's ids of categories; likewise.
  package init(
    imageIndices: [FileIdentifier: Int] = [:], classIndices: [FileIdentifier: Int] = [:]
  ) {
    self.imageIndices = imageIndices
    self.classIndices = classIndices
  }

  /// The annotated images with the detections of a result file.
  ///
  /// - Parameters:
  ///   - data: The file's content.
  ///   - file: Its name for messages.
  ///   - images: The images of the split.
  ///   - classCount: The number of classes; nil: that of the categories.
  /// - Returns: `images` with the detections, and what had to be guessed.
  /// - Throws: `FileError` or ``EvaluationError`` naming the place.
  package func joining(
    _ data: Data, file: String, to images: [EvaluatedImage], classCount: Int? = nil
  ) throws -> (images: [EvaluatedImage], notes: [String]) {
    let results: [Result] = try JSONProblem.decoding(data, file: file)
    var boxes: [Box] = []
    for (number, result) in results.enumerated() {
      func problem(_ reason: String) -> FileError {
        FileError(path: file, reason: "[\(number)]: " + reason)
      }
      guard let box = Box(coco: result.bbox), Float(result.score).isFinite else {
        throw problem("needs a finite score and \"bbox\": [left, top, width, height]")
      }
      if let reason = box.sizeProblem { throw problem(reason) }
      boxes.append(box)
    }
    let (places, imageNote) = try self.images(of: results, file: file, in: images)
    let (classes, classNote) = try self.classes(
      of: results, boxes, places, file: file, in: images, count: classCount ?? classIndices.count)
    var images = images
    for index in images.indices { images[index].detections = [] }
    for (number, result) in results.enumerated() {
      images[places[number]].detections.append(
        Detection(
          box: boxes[number], classIndex: classes[number], confidence: Float(result.score),
          objectness: Float(result.score)))
    }
    return (images, [imageNote, classNote].compactMap(\.self))
  }

  /// The image of every result: COCO's ids if all are known, then names and numbers in names.
  private func images(
    of results: [Result], file: String, in images: [EvaluatedImage]
  ) throws -> (places: [Int], note: String?) {
    let names = ImageNames(images)
    let numbers = [false, true].map { names.numbered(afterUnderline: $0) }
    func named(_ id: FileIdentifier, _ numbers: [Int: Int]) -> Int? {
      switch id {
      case .text(let text): names.index(of: text)
      case .number(let number): numbers[number]
      }
    }
    func byFile(_ result: Result) -> Int? { result.file_name.flatMap { names.index(of: $0) } }
    let ids: [Int?] = results.map { Self.value(of: $0.image_id, in: imageIndices) }
    let readings =
      [ids] + numbers.map { numbers in results.map { named($0.image_id, numbers) } }
      + [results.map(byFile)]
    let complete = readings.compactMap { reading -> [Int]? in
      let places = reading.compactMap(\.self)
      return places.count == results.count ? places : nil
    }
    guard let first = complete.first else {
      throw unknownImage(of: results, file: file, readings)
    }
    guard !imageIndices.isEmpty, readings[0].allSatisfy({ $0 != nil }),
      let other = readings[1...2].first(where: { reading in reading.allSatisfy { $0 != nil } }),
      readings[0] != other
    else { return (first, nil) }
    // Both are possible: the names of files that newer versions of Ultralytics add decide.
    let files = results.map(byFile)
    func agrees(_ reading: [Int?]) -> Bool { files.contains { $0 != nil } && files == reading }
    if agrees(other) { return (other.compactMap(\.self), nil) }
    return (
      first,
      agrees(readings[0])
        ? nil
        : "\(file): its image ids are read as the annotations' ids; read as names of files they"
          + " would be other images"
    )
  }

  private func unknownImage(
    of results: [Result], file: String, _ readings: [[Int?]]
  ) -> any Error {
    let reading = readings.max { $0.count { $0 != nil } < $1.count { $0 != nil } } ?? []
    let number = reading.firstIndex { $0 == nil } ?? 0
    let isNumber = results.allSatisfy { if case .number = $0.image_id { true } else { false } }
    if imageIndices.isEmpty && isNumber && reading.allSatisfy({ $0 == nil }) {
      return FileError(
        path: file, reason: "COCO results name images by number; they need COCO annotations")
    }
    let unknown = Set(zip(results, reading).filter { $1 == nil }.map(\.0.image_id))
    return EvaluationError.unknownImage(
      "\(results[number].image_id)", source: "\(file): [\(number)]", unknown: unknown.count,
      of: Set(results.map(\.image_id)).count)
  }

  /// The class of every result: COCO's ids if all are known, else indices from 0 or from 1.
  private func classes(
    of results: [Result], _ boxes: [Box], _ places: [Int], file: String,
    in images: [EvaluatedImage], count: Int
  ) throws -> (classes: [Int], note: String?) {
    let known = results.map { Self.value(of: $0.category_id, in: classIndices) }
    let numbers = results.compactMap { result -> Int? in
      if case .number(let number) = result.category_id {
        number
      } else {
        Int("\(result.category_id)")
      }
    }
    let unknown = known.firstIndex { $0 == nil }
    guard let unknown else { return (known.compactMap(\.self), nil) }
    let least = numbers.min() ?? 0
    let most = numbers.max() ?? 0
    func problem(_ index: Int, _ reason: String) -> FileError {
      FileError(path: file, reason: "[\(index)]: category \(results[index].category_id) " + reason)
    }
    if !classIndices.isEmpty {
      // No annotated category is 0, or it would be known: these are indices.
      guard numbers.count == results.count, least == 0, most < count,
        classIndices[.number(0)] == nil
      else { throw problem(unknown, "is not among the annotated ones") }
      return (
        numbers,
        "\(file): its categories count from 0, the annotated ones do not: they are read as positions"
          + " among the categories"
      )
    }
    guard numbers.count == results.count else {
      throw problem(0, "is text; a number is needed where no COCO annotations explain it")
    }
    if count == 80, most > 80 || least > 0, Set(numbers).isSubset(of: COCONumbers.sparse) {
      return (numbers.map { COCONumbers.index(of: $0) }, nil)
    }
    if let bad = numbers.firstIndex(where: { !(0...count).contains($0) }) {
      throw problem(bad, "is none of \(count) classes, whether they count from 0 or from 1")
    }
    if least == 0 && most == count {
      throw problem(
        numbers.firstIndex(of: count) ?? 0,
        "is none of \(count) classes, which count from 0 as there is a category 0")
    }
    if least == 0 { return (numbers, nil) }
    if most == count { return (numbers.map { $0 - 1 }, nil) }
    let reading = try Agreement.better(
      [
        ("categories that count from 0", numbers),
        ("categories that count from 1", numbers.map { $0 - 1 }),
      ],
      file: file
    ) { classes in
      boxes.indices.count { images[places[$0]].hasObject(like: boxes[$0], classIndex: classes[$0]) }
    }
    return (reading.value, reading.note)
  }

  private static func value(
    of id: FileIdentifier, in indices: [FileIdentifier: Int]
  ) -> Int? {
    indices[id] ?? id.respelled.flatMap { indices[$0] }
  }

  // The properties have COCO's names.
  private struct Result: Decodable {
    let image_id: FileIdentifier
    let category_id: FileIdentifier
    let bbox: [Double]
    let score: Double
    let file_name: String?
  }
}

/// COCO's 80 categories have numbers up to 90.
private enum COCONumbers {
  static let sparse = Set(1...90).subtracting([12, 26, 29, 30, 45, 66, 68, 69, 71, 83])

  static func index(of number: Int) -> Int { sparse.count { $0 < number } }
}
