package import Detection
package import Files
package import Foundation
package import Geometry

/// Annotations in COCO's JSON.
///
/// `{"images": [{"id", "file_name", "width", "height"}], "categories": [{"id", "name"}],
/// "annotations": [{"image_id", "category_id", "bbox": [left, top, width, height], "area",
/// "iscrowd", "ignore"}]}`. Images and categories are taken in order of id, as COCO's tool takes them;
/// ids are numbers or text.
/// `area`, `iscrowd` and `ignore` may be absent. `iscrowd` and `ignore` mark an object as difficult;
/// COCO's own tool does not read `ignore`.
package struct COCOAnnotations: Sendable {
  /// One image.
  package struct Picture: Sendable {
    /// The file's name without folders and extension, or all of it where that is ambiguous.
    package let id: String
    /// As the JSON says it, perhaps with folders.
    package let fileName: String
    /// The image's size, nil if the JSON does not say it.
    package let size: PixelSize?
    /// The objects in the order of the file.
    package fileprivate(set) var objects: [GroundTruth] = []
    /// One entry for each of ``objects``.
    package fileprivate(set) var details: [GroundTruthDetail] = []
    /// The place of each of ``objects`` in the list of annotations.
    fileprivate(set) var numbers: [Int] = []
  }

  /// The images by rising id.
  package private(set) var pictures: [Picture]
  /// The categories' names by rising id.
  package let classNames: [String]
  /// Indices of ``pictures`` by COCO's id.
  package let imageIndices: [FileIdentifier: Int]
  /// Indices of ``classNames`` by COCO's id of a category.
  package let classIndices: [FileIdentifier: Int]
  /// Annotations that cannot be used.
  package private(set) var problems: [DataProblem] = []

  /// Reads an annotation file's content.
  ///
  /// - Parameters:
  ///   - data: The content.
  ///   - file: Its name for messages.
  ///   - isStrict: Whether an annotation that cannot be used is an error; otherwise it is left out
  ///     and one of ``problems``.
  /// - Throws: `FileError` naming the place.
  package init(_ data: Data, file: String, isStrict: Bool = true) throws {
    let content: Content = try JSONProblem.decoding(data, file: file)
    func refuse(_ reason: String) -> FileError { FileError(path: file, reason: reason) }
    if content.images.isEmpty { throw refuse("\"images\" is empty") }
    if content.categories.isEmpty { throw refuse("\"categories\" is empty") }
    let categories = content.categories.sorted { $0.id < $1.id }
    let sorted = content.images.sorted { $0.id < $1.id }
    var classIndices: [FileIdentifier: Int] = [:]
    var categoryNames: [String: FileIdentifier] = [:]
    for (index, category) in categories.enumerated() {
      let id = category.id
      guard classIndices.updateValue(index, forKey: id) == nil else {
        throw refuse("category \(id) twice")
      }
      if let other = categoryNames.updateValue(id, forKey: category.name) {
        throw refuse("categories \(other) and \(id) are both called '\(category.name)'")
      }
    }
    var imageIndices: [FileIdentifier: Int] = [:]
    var imageNames: [String: FileIdentifier] = [:]
    for (index, image) in sorted.enumerated() {
      let id = image.id
      guard imageIndices.updateValue(index, forKey: id) == nil else {
        throw refuse("image \(id) twice")
      }
      if let other = imageNames.updateValue(id, forKey: image.file_name) {
        throw refuse("images \(other) and \(id) are both '\(image.file_name)'")
      }
    }
    let stems = sorted.map { Self.stem($0.file_name) }
    let uses = Dictionary(stems.map { ($0, 1) }, uniquingKeysWith: +)
    pictures = sorted.enumerated().map { index, image in
      Picture(
        id: uses[stems[index]] == 1 ? stems[index] : image.file_name, fileName: image.file_name,
        size: image.size)
    }
    self.classIndices = classIndices
    self.imageIndices = imageIndices
    classNames = categories.map(\.name)
    for (number, annotation) in content.annotations.enumerated() {
      guard let reason = add(annotation, number: number) else { continue }
      let text = "annotations[\(number)]: " + reason
      if isStrict { throw refuse(text) }
      problems.append(DataProblem(file: file, kind: .invalidObject, text: text))
    }
  }

  /// Adds an object to its picture, or says why it cannot be used.
  private mutating func add(_ annotation: Annotation, number: Int) -> String? {
    guard let image = imageIndices[annotation.image_id] else {
      return "no image \(annotation.image_id)"
    }
    guard let classIndex = classIndices[annotation.category_id] else {
      return "no category \(annotation.category_id)"
    }
    guard let box = Box(coco: annotation.bbox) else {
      return "needs \"bbox\": [left, top, width, height]"
    }
    if let reason = box.sizeProblem { return reason }
    if let area = annotation.area, area < 0 { return "an area of \(area) is negative" }
    let isCrowd = (annotation.iscrowd ?? 0) != 0
    pictures[image].objects.append(
      GroundTruth(
        box: box, classIndex: classIndex,
        isDifficult: (annotation.ignore ?? 0) != 0 || isCrowd))
    pictures[image].details.append(
      GroundTruthDetail(
        area: annotation.area ?? annotation.bbox[2] * annotation.bbox[3], isCrowd: isCrowd))
    pictures[image].numbers.append(number)
    return nil
  }

  private static func stem(_ file: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
    return String(name[..<dot])
  }

  // The properties have COCO's names.
  private struct Content: Decodable {
    let images: [ImageContent]
    let annotations: [Annotation]
    let categories: [Category]
  }

  private struct ImageContent: Decodable {
    let id: FileIdentifier
    let file_name: String
    let width: Int?
    let height: Int?

    var size: PixelSize? {
      guard let width, let height, width > 0, height > 0 else { return nil }
      return PixelSize(width: width, height: height)
    }
  }

  private struct Category: Decodable {
    let id: FileIdentifier
    let name: String
  }

  private struct Annotation: Decodable {
    let image_id: FileIdentifier
    let category_id: FileIdentifier
    let bbox: [Double]
    let area: Double?
    let iscrowd: Int?
    let ignore: Int?
  }
}
