/// An array of a MATLAB file.
///
/// The first index runs fastest: of shape [r, c] the element in row i and column j is number i + r·j.
package struct MATLABArray: Hashable, Sendable {
  /// What the elements are.
  package indirect enum Content: Hashable, Sendable {
    /// Numbers of any type, and truth values as 0 and 1.
    case numbers([Double])
    /// Text, one for each row.
    case text([String])
    /// Arrays, one for each element.
    case cells([MATLABArray])
    /// Named fields in the order of the file, each with one array for each element.
    case records([Field])
    /// What this reader does not know, in words.
    case unread(String)
  }

  /// A field of records.
  package struct Field: Hashable, Sendable {
    /// What it is called.
    package let name: String
    /// One array for each element.
    package let values: [MATLABArray]
  }

  /// Lengths of the dimensions, two at least, the one that runs fastest first.
  package let shape: [Int]
  /// The elements.
  package let content: Content

  /// An array without elements, which stands where nothing was stored.
  static let empty = MATLABArray(shape: [0, 0], content: .numbers([]))

  /// The numbers; nil if it has something else.
  package var numbers: [Double]? {
    guard case .numbers(let numbers) = content else { return nil }
    return numbers
  }

  /// The text of one row; nil if it has something else or several rows.
  package var text: String? {
    guard case .text(let rows) = content, rows.count <= 1 else { return nil }
    return rows.first ?? ""
  }

  /// The arrays of cells; nil if it has something else.
  package var cells: [MATLABArray]? {
    guard case .cells(let cells) = content else { return nil }
    return cells
  }

  /// One field of all records; nil if there are no records or they lack it.
  package subscript(field: String) -> [MATLABArray]? {
    guard case .records(let fields) = content else { return nil }
    return fields.first { $0.name == field }?.values
  }
}
