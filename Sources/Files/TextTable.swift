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

  /// A rule as wide as the table.
  package var rule: String { String(repeating: "-", count: width) }
}
