package import Detection
import Files
package import Foundation
package import Geometry

/// The objects of one image in YOLO's text format.
package struct YOLOLabels: Sendable {
  /// The file's name without extension.
  package let id: String
  /// The image's size.
  package let size: PixelSize
  /// The objects in pixels, in the order of the file.
  package let objects: [GroundTruth]
  /// The line of each of ``objects``.
  let lines: [Int]

  /// Reads a file's content.
  ///
  /// - Parameters:
  ///   - text: The content.
  ///   - id: The image's name.
  ///   - file: The file's name for messages.
  ///   - size: The image's size.
  ///   - classCount: The number of classes.
  /// - Throws: `FileError` naming file and line.
  package init(
    _ text: String, id: String, file: String, size: PixelSize, classCount: Int
  ) throws {
    let rows = try YOLORow.rows(text, file: file, hasConfidence: false, classCount: classCount)
    self.id = id
    self.size = size
    objects = rows.map {
      GroundTruth(box: Box(yolo: $0.values, in: size), classIndex: $0.classIndex)
    }
    lines = rows.map(\.line)
  }

  /// Reads a file; `name` is what messages call it.
  ///
  /// - Throws: `FileError` naming file and line.
  init(contentsOf file: URL, name: String, size: PixelSize, classCount: Int) throws {
    let data: Foundation.Data
    do {
      data = try Foundation.Data(contentsOf: file)
    } catch {
      throw FileError(path: name, reason: "cannot be read: \(FileProblem.reason(error))")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw FileError(path: name, reason: "not UTF-8 text")
    }
    try self.init(
      text, id: file.deletingPathExtension().lastPathComponent, file: name, size: size,
      classCount: classCount)
  }

  /// The label files of a folder.
  ///
  /// - Parameters:
  ///   - folder: One text file per image; an empty one is an image without objects.
  ///   - classCount: The number of classes.
  ///   - size: The size of the image with an id.
  /// - Returns: One entry per file, in order of name.
  /// - Throws: `FileError`, what `size` throws, or Foundation's error if the folder cannot be read.
  package static func read(
    in folder: URL, classCount: Int, size: (String) throws -> PixelSize
  ) throws -> [YOLOLabels] {
    let files = try FileManager.default
      .contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { isLabelFile($0.lastPathComponent) }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
    guard !files.isEmpty else {
      throw FileError(path: folder.path, reason: "no label files here")
    }
    return try files.map { file in
      try YOLOLabels(
        contentsOf: file, name: file.lastPathComponent,
        size: size(file.deletingPathExtension().lastPathComponent), classCount: classCount)
    }
  }

  static func isLabelFile(_ name: String) -> Bool {
    name.lowercased().hasSuffix(".txt") && name != "classes.txt"
  }
}
