import Compute
import Foundation
import Geometry
import Images

/// One annotation to be checked.
struct Subject: Sendable {
  let folder: VOCFolder
  let id: String
  let file: URL
}

/// The length and a hash of a file's bytes: equal for equal files, almost surely only for them.
struct ContentKey: Hashable, Sendable {
  private let count: Int
  private let hash: UInt64

  init(_ bytes: [UInt8]) {
    count = bytes.count
    var digest = ContentDigest()
    bytes.withUnsafeBytes { digest.add($0) }
    hash = digest.value
  }
}

/// What is wrong with one annotation and its image.
struct FileReport: Sendable {
  private(set) var findings: [DataProblem] = []
  private(set) var annotation: VOCAnnotation?
  private(set) var image: URL?
  private(set) var content: ContentKey?
  private(set) var isDecoded = false
  private var sized: AnnotatedSize?
  private let file: URL
  private let sizeRule: AnnotatedSizeRule

  init(_ subject: Subject, classNames: Set<String>?, sizeRule: AnnotatedSizeRule) {
    file = subject.file
    self.sizeRule = sizeRule
    do {
      let annotation = try VOCAnnotation.read(file)
      self.annotation = annotation
      findings += annotation.problems
      image = subject.folder.image(of: subject.id, annotation: annotation)
    } catch DataError.malformedAnnotation(_, let line, let reason) {
      report(line, .malformedAnnotation, reason)
      image = subject.folder.images[subject.id]?.first
    } catch {
      report(nil, .malformedAnnotation, "\(error)")
    }
    checkNames(subject)
    let header = image.flatMap { decode($0) }
    checkObjects(header, classNames)
  }

  private mutating func report(_ line: Int?, _ kind: DataProblem.Kind, _ text: String) {
    findings.append(DataProblem(file: file.path, line: line, kind: kind, text: text))
  }

  private mutating func checkNames(_ subject: Subject) {
    guard let image else { return report(nil, .missingImage, "no image '\(subject.id)'") }
    let candidates = subject.folder.images[subject.id] ?? []
    if candidates.count > 1 {
      let names = candidates.map(\.lastPathComponent).joined(separator: ", ")
      report(nil, .ambiguousImage, "\(names); used: \(image.lastPathComponent)")
    }
    guard let filename = annotation?.filename else { return }
    // Some tools leave the extension out, some write a path.
    let name = URL(filePath: filename).lastPathComponent
    let stem = image.deletingPathExtension().lastPathComponent
    if name != image.lastPathComponent && name != stem {
      report(
        annotation?.filenameLine, .filenameDiffers,
        "<filename> is '\(filename)', the image is '\(image.lastPathComponent)'")
    }
  }

  private mutating func decode(_ image: URL) -> ImageHeader? {
    do {
      let bytes = try Image.readBytes(image)
      if !bytes.isEmpty { content = ContentKey(bytes) }
      let header = try Image.decodeHeader(bytes, file: image.path)
      if let note = try Image.decodeNoting(bytes, file: image.path).note {
        findings.append(.warnedImage(.file(image), note))
      }
      isDecoded = true
      checkSize(header)
      return header
    } catch {
      findings.append(.unreadableImage(.file(image), error))
      return nil
    }
  }

  private mutating func checkSize(_ header: ImageHeader) {
    sized = annotation.flatMap { AnnotatedSize($0, header: header, rule: sizeRule) }
    if let problem = sized?.problem(file: file.path) { findings.append(problem) }
  }

  private mutating func checkObjects(_ header: ImageHeader?, _ classNames: Set<String>?) {
    guard let annotation else { return }
    if annotation.objects.isEmpty && annotation.problems.isEmpty {
      report(nil, .noObjects, "an image of nothing")
    }
    let width = header?.width ?? annotation.size?.width
    let height = header?.height ?? annotation.size?.height
    for object in annotation.objects {
      let draft = ObjectDraft.Object(object, file: file.path)
      if let classNames, !classNames.contains(object.name) { findings.append(draft.unknownClass) }
      if !draft.hasArea { findings.append(draft.zeroArea) }
      let (xMin, yMin, xMax, yMax) = (sized?.placed(object.box) ?? object.box).vocCorners
      let place = "'\(object.name)' \(draft.place)"
      if let width, let height,
        min(xMin, yMin) < 0 || max(xMin, xMax) > Float(width) || max(yMin, yMax) > Float(height)
      {
        report(object.line, .outOfImage, "\(place), image \(width)x\(height)")
      } else if xMin < 1 || yMin < 1 {
        report(object.line, .zeroBased, "\(place); VOC counts from 1")
      }
    }
  }
}
