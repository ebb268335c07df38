package import Detection
import Files
import Foundation
package import Geometry

/// Detections in YOLO's text files, one file per image, named after its id.
package enum YOLOTextFile {
  /// Reads the detections of one image.
  ///
  /// - Parameters:
  ///   - text: The file's content.
  ///   - file: Its name for messages.
  ///   - size: The image's size.
  ///   - classCount: The number of classes.
  /// - Returns: One detection per line.
  /// - Throws: `FileError` naming file and line.
  package static func detections(
    _ text: String, file: String, size: PixelSize, classCount: Int
  ) throws -> [Detection] {
    try YOLORow.rows(text, file: file, hasConfidence: true, classCount: classCount).map {
      Detection(
        box: Box(yolo: $0.values, in: size), classIndex: $0.classIndex,
        confidence: Float($0.values[4]), objectness: Float($0.values[4]))
    }
  }

  /// The text files of a folder in order of name, nil if it is no folder or a file is named after a
  /// class, as VOC's are.
  static func files(in folder: URL, classNames: [String]) -> [URL]? {
    guard
      let files = try? FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil)
    else { return nil }
    let texts = files.filter {
      $0.pathExtension.lowercased() == "txt" && $0.lastPathComponent != "classes.txt"
    }.sorted { $0.lastPathComponent < $1.lastPathComponent }
    let isVOC = texts.contains {
      DetectionFiles.className(ofFile: $0.lastPathComponent, classNames: classNames) != nil
        || $0.lastPathComponent.hasPrefix("comp")
    }
    return texts.isEmpty || isVOC ? nil : texts
  }

  static func joining(
    _ files: [URL], to images: [EvaluatedImage], classCount: Int
  ) throws -> [EvaluatedImage] {
    let lists = files.map { file in
      ImageDetections(
        file: file.deletingPathExtension().lastPathComponent, detections: [],
        source: file.lastPathComponent)
    }
    let indices = try EvaluatedImage.indices(of: lists, in: images)
    var joined = images
    for index in joined.indices { joined[index].detections = [] }
    for (file, index) in zip(files, indices) {
      let name = file.lastPathComponent
      let id = images[index].id
      guard let size = images[index].size else {
        throw FileError(
          path: name, reason: "the size of image '\(id)', which YOLO's numbers need, is unknown")
      }
      guard let text = String(data: try Data(contentsOf: file), encoding: .utf8) else {
        throw FileError(path: name, reason: "not UTF-8 text")
      }
      joined[index].detections = try detections(
        text, file: name, size: size, classCount: classCount)
    }
    return joined
  }
}
