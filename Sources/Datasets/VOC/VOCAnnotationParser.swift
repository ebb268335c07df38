import Foundation
import FoundationXML
import Geometry

/// Collects the elements of one annotation while the XML parser walks through it.
final class VOCAnnotationParser: NSObject, XMLParserDelegate {
  private let file: String
  private var path: [String] = []
  private var text = ""
  private var object: PartialObject?
  private var objects: [VOCAnnotation.Object] = []
  private var problems: [DataProblem] = []
  private var filename: (text: String, line: Int)?
  private var size: [String: String] = [:]
  private var sizeLine: Int?
  private var root: (name: String, line: Int)?
  private var firstError: (line: Int, reason: String)?

  /// The direct children of one `<object>`, and of its `<bndbox>`.
  private struct PartialObject {
    let line: Int
    var fields: [String: String] = [:]
    var corners: [String: String] = [:]
    var cornersLine: Int?
  }

  init(file: String) { self.file = file }

  func parse(_ bytes: Foundation.Data) throws -> VOCAnnotation {
    if bytes.isEmpty {
      throw DataError.malformedAnnotation(
        file: file, line: nil, reason: "the file is empty (0 bytes)")
    }
    let parser = XMLParser(data: bytes)
    parser.delegate = self
    let complete = parser.parse()
    if let root, root.name != "annotation" {
      throw DataError.malformedAnnotation(
        file: file, line: root.line,
        reason: "the outer element is <\(root.name)>, not VOC's <annotation>")
    }
    guard complete, firstError == nil, path.isEmpty, root != nil else {
      let (line, reason) = firstError ?? describe(parser, code: nil)
      throw DataError.malformedAnnotation(file: file, line: line, reason: reason)
    }
    return VOCAnnotation(
      filename: filename?.text, filenameLine: filename?.line, size: completeSize,
      objects: objects, problems: problems)
  }

  private func describe(_ parser: XMLParser, code: Int?) -> (line: Int, reason: String) {
    let number = code.map { " (XML error \($0))" } ?? ""
    let inside = path.isEmpty ? "" : " inside <\(path.joined(separator: "><"))>"
    return (
      max(1, parser.lineNumber),
      root == nil ? "not XML\(number)" : "broken or cut-off XML\(inside)\(number)"
    )
  }

  private var completeSize: VOCAnnotation.Size? {
    func integer(_ key: String) -> Int? {
      size[key].flatMap(Float.init).flatMap { Int(exactly: $0.rounded()) }
    }
    guard let width = integer("width"), let height = integer("height"), let sizeLine else {
      return nil
    }
    return VOCAnnotation.Size(width: width, height: height, line: sizeLine)
  }

  // MARK: - XMLParserDelegate

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    if path.isEmpty { root = (name, parser.lineNumber) }
    path.append(name)
    text = ""
    switch path.count {
    case 2 where name == "object": object = PartialObject(line: parser.lineNumber)
    case 2 where name == "size": sizeLine = parser.lineNumber
    case 3 where path[1] == "object" && name == "bndbox":
      object?.cornersLine = parser.lineNumber
    default: break
    }
  }

  func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) {
    firstError = firstError ?? describe(parser, code: (error as NSError).code)
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(_ parser: XMLParser, foundCDATA block: Foundation.Data) {
    text += String(decoding: block, as: UTF8.self)
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    let value = text.trimmingCharacters(in: .whitespacesAndNewlines)
    text = ""
    // Depth tells an object's own box (annotation, object, bndbox, xmin) from that of a part.
    switch path.count {
    case 2 where name == "filename" && !value.isEmpty: filename = (value, parser.lineNumber)
    case 2 where name == "object": finishObject()
    case 3 where path[1] == "size": size[name] = value
    case 3 where path[1] == "object": object?.fields[name] = value
    case 4 where path[1] == "object" && path[2] == "bndbox": object?.corners[name] = value
    default: break
    }
    path.removeLast()
  }

  private func finishObject() {
    guard let object else { return }
    self.object = nil
    guard let name = object.fields["name"], !name.isEmpty else {
      return report(object.line, "the object has no <name>")
    }
    guard let line = object.cornersLine else {
      return report(object.line, "'\(name)' has no <bndbox> of its own")
    }
    var corners: [Float] = []
    for key in ["xmin", "ymin", "xmax", "ymax"] {
      guard let value = object.corners[key] else {
        return report(line, "'\(name)' has no <\(key)>")
      }
      guard let number = Float(value), number.isFinite else {
        return report(line, "<\(key)> of '\(name)' is '\(value)', not a number")
      }
      corners.append(number)
    }
    let difficult = object.fields["difficult"].flatMap(Float.init) ?? 0
    objects.append(
      VOCAnnotation.Object(
        name: name,
        box: Box(vocXMin: corners[0], yMin: corners[1], xMax: corners[2], yMax: corners[3]),
        isDifficult: difficult != 0, ambiguity: object.fields["ambiguity"].flatMap(Float.init),
        line: object.line))
  }

  private func report(_ line: Int, _ text: String) {
    problems.append(DataProblem(file: file, line: line, kind: .invalidObject, text: text))
  }
}
