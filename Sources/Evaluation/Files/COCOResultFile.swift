import Detection
import Files
package import Foundation
import Geometry

/// Detections in COCO's format of results: `[{"image_id", "category_id", "bbox", "score"}]`.
package struct COCOResultFile: Sendable {
  private let imageIndices: [Int: Int]
  private let classIndices: [Int: Int]

  /// What the numbers of a file mean.
  ///
  /// - Parameters:
  ///   - imageIndices: Indices of the annotated images by COCO's ids.
  ///   - classIndices: Indices of the classes by COCO's ids of categories.
  package init(imageIndices: [Int: Int], classIndices: [Int: Int]) {
    self.imageIndices = imageIndices
    self.classIndices = classIndices
  }

  /// The annotated images with the detections of a result file; `file` is its name for messages.
  ///
  /// - Throws: `FileError` or ``EvaluationError`` naming the place.
  package func joining(
    _ data: Data, file: String, to images: [EvaluatedImage]
  ) throws -> [EvaluatedImage] {
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
      guard let box = Box(coco: result.bbox), Float(result.score).isFinite else {
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

  // The properties have COCO's names.
  private struct Result: Decodable {
    let image_id: WholeNumber
    let category_id: WholeNumber
    let bbox: [Double]
    let score: Double
  }
}
