/// One value for every cell of a grid over the network's input.
package struct ValueGrid: Hashable, Sendable {
  /// Cells from left to right.
  package let width: Int
  /// Cells from top to bottom.
  package let height: Int
  /// H·W values, row by row; NaN where there is none.
  package let values: [Float]

  /// A grid of values, at least one.
  package init(width: Int, height: Int, values: [Float]) {
    precondition(
      width > 0 && height > 0 && values.count == width * height,
      "\(values.count) values for \(width)x\(height) cells")
    self.width = width
    self.height = height
    self.values = values
  }

  /// The value of a cell.
  package subscript(row row: Int, column column: Int) -> Float { values[row * width + column] }

  /// One grid of several, as fine as the finest of them.
  ///
  /// Every cell takes of each grid the value at its own centre, then these are reduced.
  ///
  /// - Parameters:
  ///   - grids: At least one, all over the same input.
  ///   - reduction: What becomes of the values of one place.
  /// - Returns: A grid of the largest width and height of all.
  package static func combined(_ grids: [ValueGrid], by reduction: ValueReduction) -> ValueGrid {
    precondition(!grids.isEmpty, "no grid")
    let width = grids.map(\.width).max() ?? 1
    let height = grids.map(\.height).max() ?? 1
    // The cell of `count` that holds the centre of cell `index` of `fine`, in whole numbers.
    func place(_ index: Int, of fine: Int, in count: Int) -> Int {
      (2 * index + 1) * count / (2 * fine)
    }
    var values: [Float] = []
    values.reserveCapacity(width * height)
    for row in 0..<height {
      for column in 0..<width {
        values.append(
          reduction.reduced(
            grids.lazy.map {
              $0[
                row: place(row, of: height, in: $0.height),
                column: place(column, of: width, in: $0.width)]
            }))
      }
    }
    return ValueGrid(width: width, height: height, values: values)
  }
}
