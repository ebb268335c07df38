import Detection
import Files
import Foundation
import Geometry

/// Detections in text files, one file per image and named after it: YOLO's, Cartucho/mAP's and
/// rafaelpadilla's.
///
/// Which it is shows in the lines, see ``TextLayout``.
enum ImageTextFiles {
  /// The text files of a folder in order of name, nil if it is no folder or its files are named
  /// after classes, as VOC's are.
  ///
  /// Names may be those of images and of classes: then the first line decides, which in VOC's files
  /// begins with an image.
  static func files(in folder: URL, images: [EvaluatedImage], classNames: [String]) -> [URL]? {
    guard
      let files = try? FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil)
    else { return nil }
    let texts = files.filter {
      $0.pathExtension.lowercased() == "txt" && $0.lastPathComponent != "classes.txt"
    }.sorted { $0.lastPathComponent < $1.lastPathComponent }
    if texts.isEmpty || texts.contains(where: { $0.lastPathComponent.hasPrefix("comp") }) {
      return nil
    }
    let ofClasses = texts.filter {
      DetectionFiles.className(ofFile: $0.lastPathComponent, classNames: classNames) != nil
    }
    if ofClasses.isEmpty { return texts }
    let names = ImageNames(images)
    let ofImages = texts.count { !names.indices(of: stem($0)).isEmpty }
    if ofImages != ofClasses.count { return ofImages > ofClasses.count ? texts : nil }
    let lines = ofClasses.lazy.compactMap { file in
      (try? text(file))?.split(whereSeparator: \.isNewline).first
    }
    guard let fields = lines.first?.split(whereSeparator: \.isWhitespace), let first = fields.first
    else { return texts }
    return names.indices(of: String(first)).isEmpty ? texts : nil
  }

  /// The images with the detections of files, the ids of those that have a file, and how lines were
  /// read where that had to be guessed.
  ///
  /// - Throws: `FileError` or ``EvaluationError`` naming file and line.
  static func joining(
    _ files: [URL], to images: [EvaluatedImage], classNames: [String]
  ) throws -> (images: [EvaluatedImage], named: Set<String>, notes: [String]) {
    let lists = files.map {
      ImageDetections(file: stem($0), detections: [], source: $0.lastPathComponent)
    }
    let indices = try EvaluatedImage.indices(of: lists, in: images)
    let named = Set(indices.map { images[$0].id })
    let texts = try files.map { try text($0) }
    var joined = images
    for index in joined.indices { joined[index].detections = [] }
    let rows = try rows(files, texts, indices, images)
    if let rows, let reading = try TextLayout.reading(rows, of: images, classNames: classNames) {
      for row in rows {
        let image = images[row.image]
        let box = try reading.value.box(row, size: image.size)
        joined[row.image].detections.append(
          Detection(
            box: box, classIndex: try row.classIndex(in: classNames),
            confidence: reading.value.confidence(row), objectness: reading.value.confidence(row)))
      }
      return (joined, named, [reading.note].compactMap(\.self))
    }
    for (file, (text, index)) in zip(files, zip(texts, indices)) {
      guard let size = images[index].size else {
        throw FileError(
          path: file.lastPathComponent,
          reason: "the size of image '\(images[index].id)', which YOLO's numbers need, is unknown")
      }
      joined[index].detections = try YOLOTextFile.detections(
        text, file: file.lastPathComponent, size: size, classCount: classNames.count)
    }
    return (joined, named, [])
  }

  /// The lines of all files; nil if they begin with numbers and one is not as it should be, so that
  /// they are taken for YOLO's.
  private static func rows(
    _ files: [URL], _ texts: [String], _ indices: [Int], _ images: [EvaluatedImage]
  ) throws -> [TextRow]? {
    var rows: [TextRow] = []
    var problem: FileError?
    for (file, (text, image)) in zip(files, zip(texts, indices)) {
      let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      for (number, line) in lines.enumerated() {
        let fields = line.split(whereSeparator: \.isWhitespace)
        if fields.isEmpty { continue }
        do throws(FileError) {
          rows.append(
            try TextRow(fields, image: image, place: "\(file.lastPathComponent):\(number + 1)"))
        } catch { if problem == nil { problem = error } }
      }
    }
    guard let problem else { return rows }
    if rows.contains(where: \.isNamed) { throw problem }
    return nil
  }

  private static func stem(_ file: URL) -> String {
    file.deletingPathExtension().lastPathComponent
  }

  private static func text(_ file: URL) throws -> String {
    guard let text = String(data: try Data(contentsOf: file), encoding: .utf8) else {
      throw FileError(path: file.lastPathComponent, reason: "not UTF-8 text")
    }
    return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
  }
}
