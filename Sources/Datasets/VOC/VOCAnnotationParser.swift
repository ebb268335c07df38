import Foundation
import Geometry

/// Collects the elements of one annotation while the XML reader walks through it.
final class VOCAnnotationParser: XMLReaderDelegate {
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

  /// The first `<object>` where VOC has none, and how many there are.
  private var misplaced: (line: Int, text: String, count: Int)?

  /// The direct children of one `<object>`, and of its `<bndbox>`.
  private struct PartialObject {
    let line: Int
    var fields: [String: String] = [:]
    var boxes: [(line: Int, corners: [String: String])] = []
  }

  init(file: String) { self.file = file }

  func parse(_ bytes: Foundation.Data) throws -> VOCAnnotation {
    if bytes.isEmpty { throw malformed(nil, "the file is empty (0 bytes)") }
    let decoded: DecodedText
    do throws(DecodedText.Failure) {
      let bytes = [UInt8](bytes)
      decoded = try DecodedText(bytes, declared: Self.declaredEncoding(bytes))
    } catch {
      throw malformed(error.line, error.reason)
    }
    if let guess = decoded.guess {
      problems.append(DataProblem(file: file, kind: .guessedEncoding, text: guess))
    }
    let failure = failure(of: decoded.text)
    if let root, root.name != "annotation" {
      throw malformed(root.line, "the outer element is <\(root.name)>, not VOC's <annotation>")
    }
    if let failure {
      let what = root == nil ? "not XML" : "broken or cut-off XML\(place)"
      throw malformed(failure.line, "\(what) (\(failure.reason))")
    }
    try reportMisplaced()
    reportDuplicates()
    return VOCAnnotation(
      filename: filename?.text, filenameLine: filename?.line, size: completeSize,
      objects: objects, problems: problems)
  }

  private func malformed(_ line: Int?, _ reason: String) -> DataError {
    .malformedAnnotation(file: file, line: line, reason: reason)
  }

  private func failure(of text: String) -> XMLReader.Failure? {
    do throws(XMLReader.Failure) {
      try XMLReader.read(text, self)
      return nil
    } catch {
      return error
    }
  }

  /// The elements that are open, for messages.
  private var place: String {
    if path.isEmpty { return "" }
    return " inside <\(path.prefix(8).joined(separator: "><"))>" + (path.count > 8 ? "…" : "")
  }

  /// What the first line of XML says of its encoding.
  private static func declaredEncoding(_ bytes: [UInt8]) -> String? {
    let head = String(decoding: bytes.prefix(200), as: UTF8.self)
    let pattern = /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>\s]*)["']/
    return head.firstMatch(of: pattern).map { String($0.1) }
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

  // MARK: - XMLReaderDelegate

  func begin(_ name: String, line: Int) {
    if path.isEmpty { root = (name, line) }
    path.append(name)
    text = ""
    switch path.count {
    case 2 where name == "object": object = PartialObject(line: line)
    case 2 where name == "size": sizeLine = line
    case 3 where path[1] == "object" && name == "bndbox":
      object?.boxes.append((line, [:]))
    default:
      guard name.lowercased() == "object", path.count > 1, path[1] != "object" else { break }
      let place = path.count == 2 ? "" : " inside <\(path[path.count - 2])>"
      misplaced = misplaced ?? (line, "<\(name)>\(place)", 0)
      misplaced?.count += 1
    }
  }

  func add(_ text: String) { self.text += text }

  func end(line: Int) {
    guard let name = path.last else { return }
    let value = text.trimmingCharacters(in: .whitespacesAndNewlines)
    text = ""
    // Depth tells an object's own box (annotation, object, bndbox, xmin) from that of a part.
    switch path.count {
    case 2 where name == "filename" && !value.isEmpty: filename = (value, line)
    case 2 where name == "object": finishObject()
    case 3 where path[1] == "size": size[name] = value
    case 3 where path[1] == "object":
      let both = joined(object?.fields[name], value)
      object?.fields[name] = both
    case 4 where path[1] == "object" && path[2] == "bndbox":
      guard var box = object?.boxes.popLast() else { break }
      box.corners[name] = joined(box.corners[name], value)
      object?.boxes.append(box)
    default: break
    }
    path.removeLast()
  }

  /// A value that is given twice is wrong where the two differ, and shows both.
  private func joined(_ first: String?, _ second: String) -> String {
    guard let first, first != second else { return second }
    return first + " and " + second
  }

  private func finishObject() {
    guard let object else { return }
    self.object = nil
    guard let name = object.fields["name"], !name.isEmpty else {
      return report(object.line, "the object has no <name>")
    }
    guard !object.boxes.isEmpty else {
      return report(object.line, "'\(name)' has no <bndbox> of its own")
    }
    let isDifficult = flag("difficult", of: object, name)
    let ambiguity = object.fields["ambiguity"].flatMap(Float.init)
    if object.boxes.count > 1 {
      report(
        object.line, .severalBoxes,
        "'\(name)' has \(object.boxes.count) <bndbox>, taken for as many objects")
    }
    for (line, corners) in object.boxes {
      guard let box = box(corners, of: name, line) else { continue }
      objects.append(
        VOCAnnotation.Object(
          name: name, box: box, isDifficult: isDifficult, ambiguity: ambiguity, line: object.line))
    }
  }

  private func box(_ texts: [String: String], of name: String, _ line: Int) -> Box? {
    var corners: [Float] = []
    for key in ["xmin", "ymin", "xmax", "ymax"] {
      guard let value = texts[key] else {
        report(line, "'\(name)' has no <\(key)>")
        return nil
      }
      guard let number = Float(value), number.isFinite else {
        report(line, "<\(key)> of '\(name)' is '\(value)', not a number")
        return nil
      }
      corners.append(number)
    }
    if corners.allSatisfy({ 0...1 ~= $0 }), corners.contains(where: { $0.rounded() != $0 }) {
      let shares = corners.map { "\($0)" }.joined(separator: ", ")
      report(line, "the box of '\(name)' is in shares of the image (\(shares)); VOC has pixels")
      return nil
    }
    return Box(vocXMin: corners[0], yMin: corners[1], xMax: corners[2], yMax: corners[3])
  }

  /// A flag as numbers or words say it; false if it is absent.
  private func flag(_ key: String, of object: PartialObject, _ name: String) -> Bool {
    guard let text = object.fields[key] else { return false }
    if let number = Float(text) { return number != 0 }
    switch text.lowercased() {
    case "", "no", "n", "false", "f", "none", "null", "unspecified", "unknown": return false
    case "yes", "y", "true", "t", key: return true
    default:
      report(object.line, .unclearFlag, "<\(key)> of '\(name)' is '\(text)'; taken for no")
      return false
    }
  }

  /// Objects where VOC has none would make a picture of nothing.
  private func reportMisplaced() throws {
    guard let misplaced else { return }
    let text = "\(misplaced.count) × \(misplaced.text), where VOC has <object> in <annotation>"
    if objects.isEmpty && !problems.contains(where: { $0.kind == .invalidObject }) {
      throw malformed(misplaced.line, text)
    }
    report(misplaced.line, text)
  }

  private func reportDuplicates() {
    struct Key: Hashable {
      let name: String
      let box: Box
    }
    var lines: [Key: Int] = [:]
    for object in objects {
      let key = Key(name: object.name, box: object.box)
      if let line = lines[key] {
        let place = line == object.line ? "twice in it" : "line \(line) has it, too"
        report(object.line, .duplicateObject, "'\(object.name)': \(place)")
      } else {
        lines[key] = object.line
      }
    }
  }

  private func report(_ line: Int, _ text: String) { report(line, .invalidObject, text) }

  private func report(_ line: Int, _ kind: DataProblem.Kind, _ text: String) {
    problems.append(DataProblem(file: file, line: line, kind: kind, text: text))
  }
}
