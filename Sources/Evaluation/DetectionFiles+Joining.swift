import Foundation

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
  ///   - annotations: Where COCO's ids of images and categories are found.
  /// - Returns: `images`, in their order, with the detections.
  /// - Throws: ``EvaluationError`` naming file and place, or Foundation's error if the path cannot be
  ///   read.
  public static func joining(
    _ url: URL, to images: [EvaluatedImage], classNames: [String],
    annotations: COCOAnnotationFile? = nil
  ) throws -> [EvaluatedImage] {
    if url.pathExtension.lowercased() == "json" {
      let data = try Data(contentsOf: url)
      if COCOAnnotationFile.isResultFile(data) {
        guard let annotations else {
          throw EvaluationError.malformedFile(
            file: url.lastPathComponent,
            reason: "COCO results name images by number; they need COCO annotations")
        }
        return try annotations.joining(results: data, file: url.lastPathComponent)
      }
    } else if let files = YOLOTextFile.files(in: url, classNames: classNames) {
      return try YOLOTextFile.joining(files, to: images, classCount: classNames.count)
    }
    return try EvaluatedImage.joining(
      read(url, classNames: classNames), to: images, classNames: classNames)
  }
}

extension YOLOTextFile {
  /// The text files of a folder in order of name, nil if it is no folder or a file is named after a
  /// class, as VOC's are.
  static func files(in folder: URL, classNames: [String]) -> [URL]? {
    guard
      let files = try? FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil)
    else { return nil }
    let texts = files.filter { $0.pathExtension.lowercased() == "txt" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
    let isVOC = texts.contains {
      DetectionFiles.className(ofFile: $0.lastPathComponent, classNames: classNames) != nil
        || $0.lastPathComponent.hasPrefix("comp")
    }
    return texts.isEmpty || isVOC ? nil : texts
  }

  static func joining(
    _ files: [URL], to images: [EvaluatedImage], classCount: Int
  ) throws -> [EvaluatedImage] {
    let indices = Dictionary(
      images.indices.map { (images[$0].id, $0) }, uniquingKeysWith: { first, _ in first })
    var joined = images
    for index in joined.indices { joined[index].detections = [] }
    for file in files {
      let name = file.lastPathComponent
      let id = file.deletingPathExtension().lastPathComponent
      guard let index = indices[id] else {
        throw EvaluationError.unknownImage(id, source: name)
      }
      guard let size = images[index].size else {
        throw EvaluationError.malformedFile(
          file: name, reason: "the size of image '\(id)', which YOLO's numbers need, is unknown")
      }
      joined[index].detections = try detections(
        text(file), file: name, size: size, classCount: classCount)
    }
    return joined
  }

  /// The images of a folder of label files, with their objects.
  ///
  /// - Parameters:
  ///   - folder: One text file per image; an empty one is an image without objects.
  ///   - classCount: The number of classes.
  ///   - size: The size of the image with an id.
  /// - Returns: One entry per file, in order of name; the ids are the names without extension.
  /// - Throws: ``EvaluationError``, what `size` throws, or Foundation's error if the folder cannot be
  ///   read.
  public static func images(
    in folder: URL, classCount: Int, size: (String) throws -> EvaluatedImage.Size
  ) throws -> [EvaluatedImage] {
    let files = try FileManager.default
      .contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension.lowercased() == "txt" && $0.lastPathComponent != "classes.txt" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
    guard !files.isEmpty else {
      throw EvaluationError.malformedFile(file: folder.path, reason: "no label files here")
    }
    return try files.map { file in
      let id = file.deletingPathExtension().lastPathComponent
      let size = try size(id)
      return EvaluatedImage(
        id: id,
        objects: try objects(
          text(file), file: file.lastPathComponent, size: size, classCount: classCount),
        size: size)
    }
  }

  private static func text(_ file: URL) throws -> String {
    guard let text = String(data: try Data(contentsOf: file), encoding: .utf8) else {
      throw EvaluationError.malformedFile(file: file.lastPathComponent, reason: "not UTF-8 text")
    }
    return text
  }
}
