import Foundation

/// A data set whose format is known.
///
/// Annotations are read by ``Swift/Array/objects(split:classNames:rules:)``,
/// ``Swift/Array/labels(split:classNames:rules:)`` and
/// ``Swift/Array/keypoints(split:layoutNames:rules:)``, of several sets together.
package struct RecognizedDataset: Sendable {
  /// What a format knows of its set.
  enum Content: Sendable {
    case voc([VOCFolder])
    case coco(COCOSet)
    case yolo(YOLOSet)
    case cifar(CIFARSet)
    case files(ClassifiedFiles)
    case keypoints(KeypointSet)
  }

  /// What was given.
  package let argument: DataArgument
  let content: Content

  /// The format that was found.
  package var format: DatasetFormat {
    switch content {
    case .voc: .voc
    case .coco: .coco
    case .yolo: .yolo
    case .cifar(let set): set.classCount == 10 ? .cifar10 : .cifar100
    case .files(let set): set.format
    case .keypoints(let set): set.format
    }
  }

  /// Takes what is given as VOC, as `--voc` does.
  ///
  /// - Throws: ``DataError`` for a folder without annotations.
  package init(voc argument: DataArgument) throws {
    self.argument = argument
    content = .voc(try VOCFolder.discover(at: argument.url))
  }

  /// Finds out what is given, as `--data` does.
  ///
  /// A `.json` is COCO's, MPII's or our own, as its keys tell, a `.yaml` or `.yml` YOLO's, a `.csv` a table
  /// of classes or of keypoints, a `.data` Darknet's, a `.mat` that of Leeds Sports Pose; a folder is what it
  /// holds.
  ///
  /// - Parameters:
  ///   - argument: What was given.
  ///   - darknetLabels: Whether the label of a picture in Darknet's lists may be any part of its path.
  /// - Throws: ``DataError`` or `FileError`, one line that says what was looked for: nothing is known,
  ///   it could be two things, or what it describes is not there.
  package init(recognizing argument: DataArgument, darknetLabels: Bool = false) throws {
    self.argument = argument
    let url = argument.url
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw DataError.noSuchData(url.path)
    }
    guard VOCFolder.isFolder(url) else {
      switch url.pathExtension.lowercased() {
      case "json": content = try KeypointSources.json(url)
      case "mat": content = .keypoints(try KeypointSet(leeds: url))
      case "yaml", "yml":
        content = .yolo(try YOLOSet(description: YOLODescription(contentsOf: url)))
      case "csv": content = try KeypointSources.csv(url)
      case "data":
        content = .files(try ClassifiedFiles(darknet: url, substrings: darknetLabels))
      default: throw ForeignData.error(url) ?? DataError.notRecognized(url.path)
      }
      return
    }
    let found = try Self.candidates(in: url)
    guard let first = found.first else {
      // Anything may be a folder of folders: what says more about itself comes first.
      if let foreign = try ForeignData.pickles(in: url) { throw foreign }
      if let set = try KeypointSources.find(in: url) {
        content = .keypoints(set)
      } else if let classes = try ClassifiedFiles(folder: url) {
        content = .files(classes)
      } else if let set = try KeypointSources.tables(in: url) {
        content = .keypoints(set)
      } else {
        throw try ForeignData.error(in: url) ?? DataError.notRecognized(url.path)
      }
      return
    }
    if found.count > 1 {
      let files = found.compactMap(\.file).map { $0.path }
      let isVOC = found.contains { $0.format == .voc }
      let choices = (isVOC ? ["--voc \(url.path)"] : []) + files.map { "--data \($0)" }
      throw DataError.ambiguous(
        url.path, first: first.evidence, second: found[1].evidence,
        remedy: "choose with \(choices.joined(separator: " or "))")
    }
    content = try first.open()
  }

  /// What a folder may be.
  private struct Candidate {
    let format: DatasetFormat
    /// What speaks for it.
    let evidence: String
    /// A file that names it alone.
    var file: URL?
    let open: () throws -> Content
  }

  private static func candidates(in folder: URL) throws -> [Candidate] {
    var found: [Candidate] = []
    if let voc = try vocFolders(in: folder), let first = voc.first {
      found.append(
        Candidate(format: .voc, evidence: "VOC (\(first.layout))") { .voc(voc) })
    }
    let annotations = try COCOSet.files(in: folder)
    if let file = annotations.first {
      found.append(
        Candidate(format: .coco, evidence: "COCO (\(relative(file, to: folder)))", file: file) {
          try KeypointSources.coco(url: folder, files: annotations)
        })
    }
    if let file = try descriptions(in: folder).first {
      found.append(
        Candidate(format: .yolo, evidence: "YOLO (\(file.lastPathComponent))", file: file) {
          .yolo(try YOLOSet(description: YOLODescription(contentsOf: file)))
        })
    } else if let set = try YOLOSet(folder: folder) {
      found.append(Candidate(format: .yolo, evidence: "YOLO (\(set.layout))") { .yolo(set) })
    }
    if let set = try CIFARSet.find(in: folder) {
      found.append(
        Candidate(
          format: set.classCount == 10 ? .cifar10 : .cifar100,
          evidence: "CIFAR (\((set.training + set.test).first?.lastPathComponent ?? ""))"
        ) { .cifar(set) })
    }
    return found
  }

  /// Folders with VOC annotations; nil if there is none.
  private static func vocFolders(in folder: URL) throws -> [VOCFolder]? {
    do {
      let folders = try VOCFolder.discover(at: folder).filter { !$0.annotations.isEmpty }
      return folders.isEmpty ? nil : folders
    } catch DataError.noAnnotations {
      return nil
    } catch DataError.noImages(let place) {
      // COCO has a folder of annotations, too, with its images elsewhere.
      let files = try VOCFolder.list(URL(filePath: place)).filter {
        ["annotations", "annotation", "xmls", "xml"].contains($0.lowercased())
      }.flatMap { try VOCFolder.list(URL(filePath: place).appending(path: $0)) }
      if files.contains(where: { $0.lowercased().hasSuffix(".xml") }) {
        throw DataError.noImages(place)
      }
      return nil
    }
  }

  /// YAML files of a folder that describe a YOLO set; `data.yaml` alone if it is there.
  private static func descriptions(in folder: URL) throws -> [URL] {
    let files = try VOCFolder.list(folder).filter {
      $0.lowercased().hasSuffix(".yaml") || $0.lowercased().hasSuffix(".yml")
    }
    if let file = files.first(where: { $0.lowercased().hasPrefix("data.y") }) {
      return [folder.appending(path: file)]
    }
    return files.map { folder.appending(path: $0) }.filter { file in
      let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
      return text.contains(/(^|\n)names:/) && text.contains(/(^|\n)(train|val):/)
    }
  }

  static func relative(_ file: URL, to folder: URL) -> String {
    let path = folder.path.hasSuffix("/") ? folder.path : folder.path + "/"
    return file.path.hasPrefix(path)
      ? String(file.path.dropFirst(path.count)) : file.lastPathComponent
  }
}
