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
  /// Besides what ``read(_:classNames:)`` takes: a folder of YOLO's text files, one per image and
  /// named after its id, if the images' sizes are known; COCO's format of results, if the images come
  /// from COCO annotations.
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
    if url.pathExtension.lowercased() == "json" {
      let data = try Data(contentsOf: url)
      if COCOResultFile.isResultFile(data) {
        guard let results else {
          throw FileError(
            path: url.lastPathComponent,
            reason: "COCO results name images by number; they need COCO annotations")
        }
        return joined(
          try results.joining(data, file: url.lastPathComponent, to: images), named: nil,
          classNames)
      }
    } else if let files = YOLOTextFile.files(in: url, classNames: classNames) {
      return joined(
        try YOLOTextFile.joining(files, to: images, classCount: classNames.count),
        named: Set(files.map { $0.deletingPathExtension().lastPathComponent }), classNames)
    }
    let lists = try read(url, classNames: classNames)
    let indices = try EvaluatedImage.indices(of: lists, in: images)
    return joined(
      try EvaluatedImage.joining(lists, to: images, classNames: classNames),
      named: Set(indices.map { images[$0].id }), classNames,
      notes: sizeNotes(zip(lists, indices.map { images[$0] }))
        + absentClassNotes(url, images, classNames))
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
    guard url.pathExtension.lowercased() != "json", let files = try? textFiles(url) else {
      return []
    }
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
