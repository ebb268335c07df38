import Detection
import Files
package import Foundation
import Geometry

/// Our JSON of detections:
/// `{"images": [{"file", "width", "height", "resize", "detections": [{"class", "confidence",
/// "objectness", "uncertainty", "expectedIoU", "edges",
/// "merged", "probability", "box"}]}]}`.
///
/// A box is `[left, top, width, height]` in pixels, 0-based edges. Further keys are allowed; `width`,
/// `height`, `resize`, `objectness` and what follows it but the box may be absent. `uncertainty` is
/// `{"bald", "entropy", "objectnessMean", "objectnessVariance"}`, `edges` `{"left", "top", "right", "bottom",
/// "isBounded"}` in pixels, `merged` `{"count", "spread",
/// "confidenceSum"}`, `probability` `{"right", "placed", "classRight", "quality"}`.
package enum JSONDetectionFile {
  /// The file's content; every number reads back as the same Float.
  ///
  /// - Parameters:
  ///   - images: What was found in each image.
  ///   - isIndented: Whether every number has its own line; without, files are much smaller.
  /// - Returns: The JSON.
  /// - Throws: Foundation's error for NaN and infinite numbers, which JSON does not have.
  package static func data(_ images: [ImageDetections], isIndented: Bool = true) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
    return try encoder.encode(FileContent(images: images.map(ImageContent.init)))
  }

  /// Reads a file's content.
  ///
  /// - Parameters:
  ///   - data: The JSON.
  ///   - file: The file's name for messages.
  /// - Returns: One list per image, in file order.
  /// - Throws: `FileError` naming the place.
  package static func parse(_ data: Data, file: String) throws -> [ImageDetections] {
    let content: FileContent = try JSONProblem.decoding(data, file: file)
    return try content.images.enumerated().map { index, image in
      let detections = try image.detections.enumerated().map { number, detection in
        func problem(_ reason: String) -> FileError {
          FileError(path: file, reason: "images[\(index)].detections[\(number)]" + reason)
        }
        guard let box = detection.placed, Float(detection.confidence).isFinite else {
          throw problem(
            ": needs a finite confidence and \"box\": [left, top, width, height]")
        }
        if let reason = box.sizeProblem { throw problem(": " + reason) }
        guard detection.uncertainty?.isFinite ?? true else {
          throw problem(".uncertainty: a number is not finite")
        }
        guard detection.expectedIoU.map({ (0...1).contains($0) }) ?? true else {
          throw problem(".expectedIoU: is not between 0 and 1")
        }
        guard detection.edges?.isValid ?? true else {
          throw problem(".edges: a deviation is not finite or below 0")
        }
        guard detection.merged?.isValid ?? true else {
          throw problem(".merged: has a number that boxes do not give")
        }
        guard detection.probability?.isValid ?? true else {
          throw problem(".probability: a number is not between 0 and 1")
        }
        var named = NamedDetection(
          className: detection.className, confidence: Float(detection.confidence),
          objectness: detection.objectness.map { Float($0) },
          uncertainty: detection.uncertainty,
          expectedIoU: detection.expectedIoU.map { Float($0) }, box: box)
        named.edges = detection.edges
        named.merged = detection.merged
        named.probability = detection.probability
        return named
      }
      return ImageDetections(
        file: image.file, width: image.width, height: image.height,
        resize: image.resize.flatMap(ResizeMode.init), detections: detections,
        source: "\(file): images[\(index)]")
    }
  }
}

private struct FileContent: Codable {
  let images: [ImageContent]
}

private struct ImageContent: Codable {
  let file: String
  let width: Int?
  let height: Int?
  let resize: String?
  let detections: [DetectionContent]

  init(_ image: ImageDetections) {
    file = image.file
    width = image.width
    height = image.height
    resize = image.resize?.rawValue
    detections = image.detections.map(DetectionContent.init)
  }
}

private struct DetectionContent: Codable {
  let className: String
  let confidence: Double
  let objectness: Double?
  let uncertainty: DetectionUncertainty?
  let expectedIoU: Double?
  let edges: EdgeDeviations?
  let merged: MergedBoxes?
  let probability: DetectionProbability?
  let box: [Double]

  enum CodingKeys: String, CodingKey {
    case className = "class"
    case confidence, objectness, uncertainty, expectedIoU, edges, merged, probability, box
  }

  init(_ detection: NamedDetection) {
    className = detection.className
    confidence = CompactNumber.rounded(Double(detection.confidence)) {
      Float($0) == detection.confidence
    }
    objectness = detection.objectness.map { value in
      CompactNumber.rounded(Double(value)) { Float($0) == value }
    }
    uncertainty = detection.uncertainty
    edges = detection.edges
    merged = detection.merged
    probability = detection.probability
    expectedIoU = detection.expectedIoU.map { value in
      CompactNumber.rounded(Double(value)) { Float($0) == value }
    }
    let edges = detection.box
    let left = CompactNumber.rounded(Double(edges.left)) { Float($0) == edges.left }
    let top = CompactNumber.rounded(Double(edges.top)) { Float($0) == edges.top }
    // The far edge is read back as a sum, so the size is what makes that sum right.
    let width = CompactNumber.rounded(Double(edges.right) - left) {
      Float(left + $0) == edges.right
    }
    let height = CompactNumber.rounded(Double(edges.bottom) - top) {
      Float(top + $0) == edges.bottom
    }
    box = [left, top, width, height]
  }

  /// Nil unless there are four numbers that give finite edges.
  var placed: Box? {
    guard box.count == 4 else { return nil }
    let edges = [box[0], box[1], box[0] + box[2], box[1] + box[3]].map { Float($0) }
    guard edges.allSatisfy(\.isFinite) else { return nil }
    return Box(left: edges[0], top: edges[1], right: edges[2], bottom: edges[3])
  }
}
