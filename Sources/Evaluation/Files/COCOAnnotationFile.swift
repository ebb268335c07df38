import Detection
import Files
package import Foundation
import Geometry

/// Annotations in COCO's JSON, and detections in COCO's format of results.
///
/// `{"images": [{"id", "file_name", "width", "height"}], "categories": [{"id", "name"}],
/// "annotations": [{"image_id", "category_id", "bbox": [left, top, width, height], "area",
/// "iscrowd", "ignore"}]}`. Images and categories are taken in order of id, as COCO's tool takes them.
/// `area`, `iscrowd` and `ignore` may be absent. `iscrowd` and `ignore` mark an object as difficult;
/// COCO's own tool does not read `ignore`.
package struct COCOAnnotationFile: Sendable {
  /// The images with their objects; an id is the file's name without extension, or with folders and
  /// extension where that is ambiguous.
  package let images: [EvaluatedImage]
  /// The categories' names.
  package let classNames: [String]
  private let imageIndices: [Int: Int]
  private let classIndices: [Int: Int]

  /// Reads an annotation file's content; `file` is its name for messages.
  ///
  /// - Throws: `FileError` naming the place.
  package init(_ data: Data, file: String) throws {
    let content: Content = try JSONProblem.decoding(data, file: file)
    func refuse(_ reason: String) -> FileError { FileError(path: file, reason: reason) }
    if content.images.isEmpty { throw refuse("\"images\" is empty") }
    if content.categories.isEmpty { throw refuse("\"categories\" is empty") }
    let categories = content.categories.sorted { $0.id.value < $1.id.value }
    let sorted = content.images.sorted { $0.id.value < $1.id.value }
    var classIndices: [Int: Int] = [:]
    var categoryNames: [String: Int] = [:]
    for (index, category) in categories.enumerated() {
      let id = category.id.value
      guard classIndices.updateValue(index, forKey: id) == nil else {
        throw refuse("category \(id) twice")
      }
      if let other = categoryNames.updateValue(id, forKey: category.name) {
        throw refuse("categories \(other) and \(id) are both called '\(category.name)'")
      }
    }
    var imageIndices: [Int: Int] = [:]
    var imageNames: [String: Int] = [:]
    for (index, image) in sorted.enumerated() {
      let id = image.id.value
      guard imageIndices.updateValue(index, forKey: id) == nil else {
        throw refuse("image \(id) twice")
      }
      if let other = imageNames.updateValue(id, forKey: image.file_name) {
        throw refuse("images \(other) and \(id) are both '\(image.file_name)'")
      }
    }
    let stems = sorted.map { Self.stem($0.file_name) }
    let uses = Dictionary(stems.map { ($0, 1) }, uniquingKeysWith: +)
    var images = sorted.enumerated().map { index, image in
      EvaluatedImage(
        id: uses[stems[index]] == 1 ? stems[index] : image.file_name, objects: [],
        size: image.size)
    }
    for (number, annotation) in content.annotations.enumerated() {
      let place = "annotations[\(number)]: "
      guard let image = imageIndices[annotation.image_id.value] else {
        throw refuse(place + "no image \(annotation.image_id.value)")
      }
      guard let classIndex = classIndices[annotation.category_id.value] else {
        throw refuse(place + "no category \(annotation.category_id.value)")
      }
      guard let box = Self.box(annotation.bbox) else {
        throw refuse(place + "needs \"bbox\": [left, top, width, height]")
      }
      if let reason = box.sizeProblem { throw refuse(place + reason) }
      if let area = annotation.area, area < 0 {
        throw refuse(place + "an area of \(area) is negative")
      }
      images[image].objects.append(
        GroundTruth(
          box: box, classIndex: classIndex,
          isDifficult: (annotation.ignore ?? 0) != 0 || (annotation.iscrowd ?? 0) != 0))
      images[image].details.append(
        EvaluatedImage.ObjectDetail(
          area: annotation.area ?? annotation.bbox[2] * annotation.bbox[3],
          isCrowd: (annotation.iscrowd ?? 0) != 0))
    }
    self.images = images
    self.classIndices = classIndices
    self.imageIndices = imageIndices
    classNames = categories.map(\.name)
  }

  /// The images with the detections of a result file: `[{"image_id", "category_id", "bbox",
  /// "score"}]`.
  ///
  /// - Throws: `FileError` naming the place.
  package func joining(results data: Data, file: String) throws -> [EvaluatedImage] {
    let results: [Result] = try JSONProblem.decoding(data, file: file)
    var images = images
    for (number, result) in results.enumerated() {
      func problem(_ reason: String) -> FileError {
        FileError(path: file, reason: "[\(number)]: " + reason)
      }
      guard let image = imageIndices[result.image_id.value] else {
        let named = Set(results.map(\.image_id.value))
        throw EvaluationError.unknownImage(
          "\(result.image_id.value)", source: "\(file): [\(number)]",
          unknown: named.count { imageIndices[$0] == nil }, of: named.count)
      }
      guard let classIndex = classIndices[result.category_id.value] else {
        throw problem("category \(result.category_id.value) is not among the annotated ones")
      }
      guard let box = Self.box(result.bbox), Float(result.score).isFinite else {
        throw problem("needs a finite score and \"bbox\": [left, top, width, height]")
      }
      if let reason = box.sizeProblem { throw problem(reason) }
      images[image].detections.append(
        Detection(
          box: box, classIndex: classIndex, confidence: Float(result.score),
          objectness: Float(result.score)))
    }
    return images
  }

  /// Whether JSON is a result file: a list, where our own detections are an object.
  package static func isResultFile(_ data: Data) -> Bool {
    data.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "[")
  }

  private static func stem(_ file: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
    return String(name[..<dot])
  }

  private static func box(_ values: [Double]) -> Box? {
    guard values.count == 4 else { return nil }
    let edges = [values[0], values[1], values[0] + values[2], values[1] + values[3]]
      .map { Float($0) }
    guard edges.allSatisfy(\.isFinite) else { return nil }
    return Box(left: edges[0], top: edges[1], right: edges[2], bottom: edges[3])
  }

  // The properties have COCO's names.
  private struct Content: Decodable {
    let images: [ImageContent]
    let annotations: [Annotation]
    let categories: [Category]
  }

  private struct ImageContent: Decodable {
    let id: WholeNumber
    let file_name: String
    let width: Int?
    let height: Int?

    var size: EvaluatedImage.Size? {
      guard let width, let height, width > 0, height > 0 else { return nil }
      return EvaluatedImage.Size(width: width, height: height)
    }
  }

  private struct Category: Decodable {
    let id: WholeNumber
    let name: String
  }

  private struct Annotation: Decodable {
    let image_id: WholeNumber
    let category_id: WholeNumber
    let bbox: [Double]
    let area: Double?
    let iscrowd: Int?
    let ignore: Int?
  }

  private struct Result: Decodable {
    let image_id: WholeNumber
    let category_id: WholeNumber
    let bbox: [Double]
    let score: Double
  }
}
