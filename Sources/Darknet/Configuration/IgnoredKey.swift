/// An entry of a cfg that this tool understands and does not act on.
package struct IgnoredKey: Sendable, Hashable, CustomStringConvertible {
  /// The section's name.
  package let section: String
  /// 1-based line of the section.
  package let sectionLine: Int
  /// 1-based line of the entry.
  package let line: Int
  /// As in the file.
  package let key: String
  /// As in the file.
  package let value: String
  /// What happens instead.
  package let reason: String

  /// For example `iou_loss=ciou in [yolo] (line 905) has no effect: boxes are trained with …`.
  package var description: String {
    "\(quoted(key))=\(quoted(value)) in [\(section)] (line \(line)) has no effect: \(reason)"
  }
}

extension ConfigurationFile {
  /// One line for each different ignored setting, however many sections have it.
  package var ignoredKeysSummary: [String] {
    var order: [String] = []
    var lines: [String: [Int]] = [:]
    for ignored in ignoredKeys {
      let text = "\(quoted(ignored.key))=\(quoted(ignored.value)) in [\(ignored.section)]"
      let line = "\(text)\n\(ignored.reason)"
      if lines[line] == nil { order.append(line) }
      lines[line, default: []].append(ignored.line)
    }
    return order.map { line in
      let parts = line.split(separator: "\n")
      let numbers = lines[line, default: []]
      let shown = numbers.prefix(4).map(String.init).joined(separator: ", ")
      let more = numbers.count > 4 ? ", …" : ""
      let place = "\(numbers.count == 1 ? "line" : "lines") \(shown)\(more)"
      return "\(fileName): \(parts[0]) (\(place)) has no effect: \(parts[1])"
    }
  }
}
