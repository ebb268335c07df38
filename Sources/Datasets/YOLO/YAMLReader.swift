import Foundation

/// A value of a YAML file, with the line where it begins.
struct YAMLValue: Equatable {
  enum Content: Equatable {
    case scalar(String)
    case list([YAMLValue])
    case dictionary([Entry])
  }

  struct Entry: Equatable {
    let key: String
    let value: YAMLValue
  }

  let content: Content
  let line: Int

  /// The value of a key, nil if there is none or this is no dictionary.
  subscript(key: String) -> YAMLValue? {
    guard case .dictionary(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }
}

/// Reads the part of YAML that data sets are described in.
///
/// Scalars, lists and dictionaries, inline or by indentation, comments, quotes and block scalars;
/// anything else is refused.
struct YAMLReader {
  private struct Line {
    let number: Int
    let indent: Int
    let text: String
  }

  private let file: String
  private var lines: [Line] = []
  private var position = 0

  /// Reads a file's content; `file` is its name for messages.
  ///
  /// - Throws: ``DataError/malformedAnnotation(file:line:reason:)`` with the line.
  static func read(_ text: String, file: String) throws -> YAMLValue {
    var reader = YAMLReader(file: file)
    try reader.split(text)
    guard let first = reader.lines.first else { throw reader.problem(1, "the file is empty") }
    let value = try reader.block(indent: first.indent)
    if reader.position < reader.lines.count {
      throw reader.problem(reader.lines[reader.position].number, "unexpected indentation")
    }
    return value
  }

  private init(file: String) { self.file = file }

  private func problem(_ line: Int, _ reason: String) -> DataError {
    .malformedAnnotation(file: file, line: line, reason: reason)
  }

  /// Lines without comments; brackets that stay open join theirs, block scalars become one.
  private mutating func split(_ text: String) throws {
    let all = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map(String.init)
    var index = 0
    while index < all.count {
      let number = index + 1
      let raw = all[index]
      index += 1
      let indent = raw.prefix { $0 == " " }.count
      var content = try uncommented(raw, number).trimmingCharacters(in: .whitespaces)
      if content.isEmpty || content == "---" { continue }
      if raw.dropFirst(indent).first == "\t" { throw problem(number, "a tab for indentation") }
      if content.hasSuffix(": |") || content.hasSuffix(": >") {
        content.removeLast(2)
        var block: [String] = []
        while index < all.count,
          all[index].allSatisfy(\.isWhitespace)
            || all[index].prefix(while: { $0 == " " }).count > indent
        {
          block.append(all[index].trimmingCharacters(in: .whitespaces))
          index += 1
        }
        let quoted = block.joined(separator: " ").replacing("'", with: "''")
        lines.append(Line(number: number, indent: indent, text: "\(content): '\(quoted)'"))
        continue
      }
      var brackets = OpenBrackets()
      brackets.add(content)
      while brackets.depth > 0 {
        guard index < all.count else { throw problem(number, "a bracket is not closed") }
        let more =
          " " + (try uncommented(all[index], index + 1)).trimmingCharacters(in: .whitespaces)
        brackets.add(more)
        content += more
        index += 1
      }
      if brackets.depth < 0 {
        throw problem(number, "a bracket is closed that was not opened")
      }
      lines.append(Line(number: number, indent: indent, text: content))
    }
  }

  private func uncommented(_ line: String, _ number: Int) throws -> String {
    var quote: Character?
    var previous: Character = " "
    for index in line.indices {
      let character = line[index]
      if let open = quote {
        if character == open { quote = nil }
      } else if (character == "'" || character == "\"") && !previous.isLetter {
        quote = character
      } else if character == "#" && previous.isWhitespace {
        return String(line[..<index])
      }
      previous = character
    }
    return line
  }

  /// Brackets that are open at the end of a text that comes in parts.
  private struct OpenBrackets {
    private(set) var depth = 0
    private var quote: Character?
    private var previous: Character = " "

    mutating func add(_ text: String) {
      for character in text {
        if let open = quote {
          if character == open { quote = nil }
        } else if (character == "'" || character == "\"") && !previous.isLetter {
          quote = character
        } else if "[{".contains(character) {
          depth += 1
        } else if "]}".contains(character) {
          depth -= 1
        }
        previous = character
      }
    }
  }

  private mutating func block(indent: Int) throws -> YAMLValue {
    let first = lines[position]
    return first.text == "-" || first.text.hasPrefix("- ")
      ? try blockList(indent: indent) : try blockDictionary(indent: indent)
  }

  private mutating func blockList(indent: Int) throws -> YAMLValue {
    let start = lines[position].number
    var values: [YAMLValue] = []
    while position < lines.count, lines[position].indent == indent,
      lines[position].text.hasPrefix("- ")
    {
      let line = lines[position]
      position += 1
      values.append(try inline(String(line.text.dropFirst(2)), line.number))
    }
    if position < lines.count, lines[position].indent >= indent, lines[position].text == "-" {
      throw problem(lines[position].number, "an empty list entry")
    }
    return YAMLValue(content: .list(values), line: start)
  }

  private mutating func blockDictionary(indent: Int) throws -> YAMLValue {
    let start = lines[position].number
    var entries: [YAMLValue.Entry] = []
    while position < lines.count, lines[position].indent == indent {
      let line = lines[position]
      position += 1
      guard let (key, rest) = pair(line.text) else {
        throw problem(line.number, "'\(line.text)' is not 'key: value'")
      }
      if entries.contains(where: { $0.key == key }) { throw problem(line.number, "'\(key)' twice") }
      let value: YAMLValue
      if !rest.isEmpty {
        value = try inline(rest, line.number)
      } else if position < lines.count,
        lines[position].indent > indent
          || (lines[position].indent == indent && lines[position].text.hasPrefix("- "))
      {
        value = try block(indent: lines[position].indent)
      } else {
        value = YAMLValue(content: .scalar(""), line: line.number)
      }
      entries.append(.init(key: key, value: value))
    }
    return YAMLValue(content: .dictionary(entries), line: start)
  }

  /// `key: rest`, nil if there is no colon that ends a key.
  private func pair(_ text: String) -> (key: String, rest: String)? {
    guard
      let end = text.indices.first(where: { index in
        let next = text.index(after: index)
        return text[index] == ":" && (next == text.endIndex || text[next] == " ")
      })
    else { return nil }
    let key = text[..<end].trimmingCharacters(in: .whitespaces)
    let rest = text[text.index(after: end)...].trimmingCharacters(in: .whitespaces)
    return (key.trimmingCharacters(in: ["'", "\""]), rest)
  }

  // MARK: - Values on one line

  private func inline(_ text: String, _ line: Int) throws -> YAMLValue {
    let text = text.trimmingCharacters(in: .whitespaces)
    switch text.first {
    case "[":
      return YAMLValue(
        content: .list(try items(text, "]", line).map { try inline($0, line) }), line: line)
    case "{":
      let entries = try items(text, "}", line).map { item in
        guard let (key, rest) = pair(item) else {
          throw problem(line, "'\(item)' is not 'key: value'")
        }
        return YAMLValue.Entry(key: key, value: try inline(rest, line))
      }
      return YAMLValue(content: .dictionary(entries), line: line)
    case "'", "\"":
      guard let quote = text.first, text.count > 1, text.last == quote else {
        throw problem(line, "a quote is not closed")
      }
      let inner = String(text.dropFirst().dropLast())
      return YAMLValue(
        content: .scalar(quote == "'" ? inner.replacing("''", with: "'") : inner), line: line)
    case "&", "*", "!", "|", ">", "%", "@", "`":
      throw problem(line, "'\(text)': anchors, tags and the like are not read")
    default:
      return YAMLValue(content: .scalar(text), line: line)
    }
  }

  /// What stands between brackets, divided at the commas outside inner brackets and quotes.
  private func items(_ text: String, _ end: Character, _ line: Int) throws -> [String] {
    guard text.last == end, text.count > 1 else {
      throw problem(line, "a bracket is not closed")
    }
    var items: [String] = [""]
    var quote: Character?
    var depth = 0
    var previous: Character = " "
    for character in text.dropFirst().dropLast() {
      if let open = quote {
        if character == open { quote = nil }
      } else if (character == "'" || character == "\"") && !previous.isLetter {
        quote = character
      } else if "[{".contains(character) {
        depth += 1
      } else if "]}".contains(character) {
        depth -= 1
      } else if character == "," && depth == 0 {
        items.append("")
        continue
      }
      previous = character
      items[items.count - 1].append(character)
    }
    return items.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }
}
