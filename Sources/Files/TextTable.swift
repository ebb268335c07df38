/// Columns of text for people, two spaces apart.
package struct TextTable {
  /// Where cells stand in their column.
  package enum Alignment {
    /// The first column to the left, the others, which are numbers, to the right.
    case numbers
    /// All to the left.
    case texts
  }

  /// A line per row, without spaces at its end.
  package let lines: [String]
  /// Characters from the first column's left edge to the last one's right.
  package let width: Int

  /// A table; all rows have as many cells as the first.
  package init(_ rows: [[String]], _ alignment: Alignment = .numbers) {
    let columns = rows.first?.indices ?? 0..<0
    let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
    width = widths.reduce(0, +) + 2 * max(widths.count - 1, 0)
    lines = rows.map { row in
      var line = columns.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        let isLeft = column == 0 || alignment == .texts
        return isLeft ? row[column] + space : space + row[column]
      }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// The columns of a usual terminal.
  package static let usualWidth = 80

  /// The lines of a table that is no wider than a terminal: columns that do not fit follow below, beside the
  /// first ones again.
  ///
  /// - Parameters:
  ///   - rows: As many cells each.
  ///   - alignment: Of the cells.
  ///   - keys: So many of the first columns say what a row is.
  ///   - limit: The most characters of a line; a single column may be wider.
  /// - Returns: The lines; an empty one stands between what lies below each other.
  package static func folded(
    _ rows: [[String]], _ alignment: Alignment = .numbers, keys: Int = 1,
    limit: Int = usualWidth
  ) -> [String] {
    let columns = rows.first?.count ?? 0
    guard TextTable(rows, alignment).width > limit, columns > keys else {
      return TextTable(rows, alignment).lines
    }
    var lines: [String] = []
    var start = keys
    while start < columns {
      var end = start + 1
      while end < columns, part(rows, keys, start..<end + 1, alignment).width <= limit { end += 1 }
      if start > keys { lines.append("") }
      lines += part(rows, keys, start..<end, alignment).lines
      start = end
    }
    return lines
  }

  private static func part(
    _ rows: [[String]], _ keys: Int, _ columns: Range<Int>, _ alignment: Alignment
  ) -> TextTable {
    TextTable(rows.map { Array($0.prefix(keys)) + $0[columns] }, alignment)
  }

  /// A title and parts of a list, broken between parts where a line would be wider than a terminal.
  package static func listed(
    _ title: String, _ parts: [String], limit: Int = usualWidth
  ) -> [String] {
    let indent = String(repeating: " ", count: title.count)
    var lines: [String] = []
    var line = title
    for (index, part) in parts.enumerated() {
      let text = part + (index < parts.count - 1 ? "," : "")
      if line.count > title.count, line.count + 1 + text.count > limit {
        lines.append(line)
        line = indent
      }
      line += (line.count > title.count ? " " : "") + text
    }
    return lines + [line]
  }

  /// A rule as wide as the table.
  package var rule: String { String(repeating: "-", count: width) }
}
