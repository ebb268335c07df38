import Detection
import Files
package import Foundation
import Geometry

/// Annotated images with the detections of files.
package struct JoinedDetections: Sendable {
  /// The images, in the order of the split.
  package let images: [EvaluatedImage]
  /// What is allowed in the files but seldom meant, a line each.
  package let notes: [String]
}

extension DetectionFiles {
  /// Puts the detections of files beside annotated images.
  ///
  /// Besides what ``read(_:classNames:)`` takes: a folder of text files, one per image and named
  /// after it, see ``ImageTextFiles``; COCO's format of results, see ``COCOResultFile``; Darknet's
  /// JSON, see ``DarknetResultFile``. The content says which it is.
  ///
  /// - Parameters:
  ///   - url: A file or a folder.
  ///   - images: The images of the split.
  ///   - classNames: Names of the class indices.
  ///   - results: What COCO's ids of images and categories mean.
  /// - Returns: `images`, in their order, with the detections, and what is odd about those.
  /// - Throws: ``EvaluationError`` naming file and place, or Foundation's error if the path cannot be
  ///   read.
  package static func joining(
    _ url: URL, to images: [EvaluatedImage], classNames: [String],
    results: COCOResultFile? = nil
  ) throws -> JoinedDetections {
    let url = place(of: url)
    let file = url.lastPathComponent
    if let files = ImageTextFiles.files(in: url, images: images, classNames: classNames) {
      let found = try ImageTextFiles.joining(files, to: images, classNames: classNames)
      return joined(found.images, named: found.named, classNames, notes: found.notes)
    }
    let lists: [ImageDetections]
    let kind = try jsonKind(of: url)
    switch kind {
    case .cocoResults(let data):
      let found = try (results ?? COCOResultFile()).joining(
        data, file: file, to: images, classCount: classNames.count)
      return joined(found.images, named: nil, classNames, notes: found.notes)
    case .darknet(let data):
      lists = try DarknetResultFile.lists(data, file: file, images: images, classNames: classNames)
    case .annotations:
      throw FileError(
        path: file, reason: "these are COCO annotations; detections are a list of results")
    case .ours, nil:
      lists = try read(url, classNames: classNames)
    }
    let indices = try EvaluatedImage.indices(of: lists, in: images)
    return joined(
      try EvaluatedImage.joining(lists, to: images, classNames: classNames),
      named: Set(indices.map { images[$0].id }), classNames,
      notes: sizeNotes(zip(lists, indices.map { images[$0] }))
        + (kind == nil ? absentClassNotes(url, images, classNames) : []))
  }

  /// What a JSON file holds.
  private enum JSONKind {
    case cocoResults(Data)
    case darknet(Data)
    /// COCO's annotations, given by mistake.
    case annotations
    case ours
  }

  /// Nil for a folder and for what does not begin as JSON.
  private static func jsonKind(of url: URL) throws -> JSONKind? {
    guard !isFolder(url) else { return nil }
    let isNamed = url.pathExtension.lowercased() == "json"
    let data = try Data(contentsOf: url, options: .mappedIfSafe)
    switch data.first(where: { !" \t\r\n".utf8.contains($0) }) {
    case UInt8(ascii: "["):
      return DarknetResultFile.isResult(data) ? .darknet(data) : .cocoResults(data)
    case UInt8(ascii: "{"):
      let keys = ["\"annotations\"", "\"categories\""]
      return keys.allSatisfy { data.range(of: Data($0.utf8)) != nil } ? .annotations : .ours
    default: return isNamed ? .ours : nil
    }
  }

  private static func isFolder(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// What holds the detections in a folder that Ultralytics made: `labels`, or the only JSON.
  private static func place(of url: URL) -> URL {
    guard isFolder(url),
      let files = try? FileManager.default.contentsOfDirectory(
        at: url, includingPropertiesForKeys: nil),
      !files.contains(where: { $0.pathExtension.lowercased() == "txt" })
    else { return url }
    let labels = url.appending(path: "labels")
    if isFolder(labels) { return labels }
    let results = files.filter { $0.pathExtension.lowercased() == "json" }
    return results.count == 1 ? results[0] : url
  }

  /// `named` are the images that the files say something about, nil if only detections name them.
  private static func joined(
    _ images: [EvaluatedImage], named: Set<String>?, _ classNames: [String], notes: [String] = []
  ) -> JoinedDetections {
    var notes = notes + InputNotes.detections(of: images, classNames: classNames)
    let silent = images.filter { image in
      named.map { !$0.contains(image.id) } ?? image.detections.isEmpty
    }
    if let first = silent.first, images.contains(where: { !$0.detections.isEmpty }) {
      notes.append(
        "the detection files say nothing about \(silent.count) of \(images.count) images (first:"
          + " '\(first.id)'): nothing counts as found there")
    }
    return JoinedDetections(images: images, notes: notes)
  }

  private static func sizeNotes(
    _ pairs: some Sequence<(ImageDetections, EvaluatedImage)>
  ) -> [String] {
    var count = 0
    var first = ""
    for (list, image) in pairs {
      guard let width = list.width, let height = list.height, let size = image.size,
        width != size.width || height != size.height
      else { continue }
      count += 1
      if count == 1 {
        first =
          "'\(image.id)' \(width)x\(height), annotated as \(size.width)x\(size.height)"
      }
    }
    return count == 0
      ? [] : ["image sizes in detections and annotations differ \(count) times (first: \(first))"]
  }

  /// The classes with objects that VOC's files, one per class, leave out.
  private static func absentClassNotes(
    _ url: URL, _ images: [EvaluatedImage], _ classNames: [String]
  ) -> [String] {
    guard let files = try? textFiles(url) else { return [] }
    let present = Set(
      files.compactMap { className(ofFile: $0.lastPathComponent, classNames: classNames) })
    var objects = [Int](repeating: 0, count: classNames.count)
    for image in images { for object in image.objects { objects[object.classIndex] += 1 } }
    let absent = classNames.indices.filter { !present.contains(classNames[$0]) && objects[$0] > 0 }
    if absent.isEmpty { return [] }
    return [
      "no detection file for \(absent.count) of \(classNames.count) classes"
        + " (\(absent.map { classNames[$0] }.joined(separator: ", "))): their"
        + " \(absent.reduce(0) { $0 + objects[$1] }) objects count as missed"
    ]
  }
}
