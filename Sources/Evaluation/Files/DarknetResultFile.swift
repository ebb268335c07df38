import Files
import Foundation
import Geometry

/// Detections that Darknet's `detector test … -out result.json` writes: `[{"frame_id", "filename",
/// "objects": [{"class_id", "name", "relative_coordinates": {"center_x", "center_y", "width",
/// "height"}, "confidence"}]}]`.
enum DarknetResultFile {
  /// Whether a list in JSON is such a file, as far as its beginning shows.
  static func isResult(_ data: Data) -> Bool {
    let beginning = data.prefix(4096)
    return ["\"frame_id\"", "\"objects\""].contains { beginning.range(of: Data($0.utf8)) != nil }
  }

  /// The detections, of which every image's size must be known.
  ///
  /// - Throws: `FileError` or ``EvaluationError`` naming the place.
  static func lists(
    _ data: Data, file: String, images: [EvaluatedImage], classNames: [String]
  ) throws -> [ImageDetections] {
    let frames = try decoded(data, file: file)
    var lists = try frames.enumerated().map { number, frame in
      guard let name = frame.filename, !name.isEmpty else {
        throw FileError(
          path: file, reason: "[\(number)]: no \"filename\": whose objects are these?")
      }
      return ImageDetections(
        file: backslashed(name), detections: [], source: "\(file): [\(number)]")
    }
    let indices = try EvaluatedImage.indices(of: lists, in: images)
    for (number, frame) in frames.enumerated() {
      let image = images[indices[number]]
      guard let size = image.size else {
        throw FileError(
          path: file,
          reason: "[\(number)]: the size of image '\(image.id)', which Darknet's shares need, is"
            + " unknown")
      }
      lists[number].detections = try (frame.objects ?? []).enumerated().map { index, object in
        let place = "[\(number)].objects[\(index)]: "
        let shares = object.relative_coordinates
        let box = Box(
          yolo: [shares.center_x, shares.center_y, shares.width, shares.height], in: size)
        guard
          [box.left, box.top, box.right, box.bottom, Float(object.confidence)]
            .allSatisfy(\.isFinite)
        else { throw FileError(path: file, reason: place + "a number is not finite") }
        if let reason = box.sizeProblem { throw FileError(path: file, reason: place + reason) }
        return NamedDetection(
          className: try object.className(of: classNames, file: file, place),
          confidence: Float(object.confidence), box: box)
      }
    }
    return lists
  }

  /// Darknet writes paths as they are, also those with backslashes, which JSON does not have.
  private static func decoded(_ data: Data, file: String) throws -> [Frame] {
    do {
      return try JSONProblem.decoding(data, file: file)
    } catch {
      guard let repaired = escaped(data) else { throw error }
      guard let frames: [Frame] = try? JSONProblem.decoding(repaired, file: file) else {
        throw error
      }
      return frames
    }
  }

  /// The JSON with every backslash doubled in the values of "filename"; nil if there is none.
  private static func escaped(_ data: Data) -> Data? {
    let key = Data("\"filename\"".utf8)
    guard data.contains(UInt8(ascii: "\\")), data.range(of: key) != nil else { return nil }
    var result = Data()
    var rest = data[...]
    while let found = rest.range(of: key) {
      result += rest[..<found.upperBound]
      rest = rest[found.upperBound...]
      guard let start = rest.firstIndex(of: UInt8(ascii: "\"")) else { break }
      let inside = rest[(start + 1)...]
      guard let end = inside.firstIndex(of: UInt8(ascii: "\"")) else { break }
      result += rest[...start]
      for byte in inside[..<end] {
        result.append(byte)
        if byte == UInt8(ascii: "\\") { result.append(byte) }
      }
      rest = rest[end...]
    }
    return result + rest
  }

  /// A path of which a reader of JSON took `\t` of `C:\test` for a tab.
  private static func backslashed(_ name: String) -> String {
    let letters: [Character: String] = [
      "\t": "\\t", "\n": "\\n", "\r": "\\r", "\u{8}": "\\b", "\u{C}": "\\f",
    ]
    return name.map { letters[$0] ?? String($0) }.joined()
  }

  private struct Frame: Decodable {
    let filename: String?
    let objects: [Object]?
  }

  // The properties have Darknet's names.
  private struct Object: Decodable {
    let class_id: Int?
    let name: String?
    let relative_coordinates: Shares
    let confidence: Double

    /// By name, or by number where no name is given.
    func className(of names: [String], file: String, _ place: String) throws -> String {
      if let name, !name.isEmpty { return name }
      guard let class_id, names.indices.contains(class_id) else {
        throw FileError(
          path: file, reason: place + "neither a name nor a class_id below \(names.count)")
      }
      return names[class_id]
    }
  }

  private struct Shares: Decodable {
    let center_x: Double
    let center_y: Double
    let width: Double
    let height: Double
  }
}
