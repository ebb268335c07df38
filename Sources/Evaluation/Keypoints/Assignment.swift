/// The cheapest one-to-one assignment of rows to columns (Kuhn 1955; shortest augmenting paths with
/// potentials, Jonker and Volgenant 1987).
struct Assignment {
  /// The column of each row.
  let columns: [Int]

  /// Assigns every row a column of its own so that the sum of costs is smallest.
  ///
  /// - Parameters:
  ///   - rowCount: At most as many as columns.
  ///   - columnCount: The number of columns.
  ///   - cost: Of a row and a column; finite.
  /// - Complexity: O(rows² · columns).
  init(rowCount: Int, columnCount: Int, cost: (Int, Int) -> Double) {
    precondition(rowCount <= columnCount, "more rows than columns")
    var rowPotentials = [Double](repeating: 0, count: rowCount)
    var columnPotentials = [Double](repeating: 0, count: columnCount)
    var rows = [Int](repeating: -1, count: columnCount)
    for start in 0..<rowCount {
      // Columns in order of their distance from the new row, as far as a free one.
      var distances = [Double](repeating: .infinity, count: columnCount)
      var previous = [Int](repeating: -1, count: columnCount)
      var isDone = [Bool](repeating: false, count: columnCount)
      var column = -1
      var row = start
      var travelled = 0.0
      repeat {
        var nearest = -1
        for next in 0..<columnCount where !isDone[next] {
          let length =
            travelled + cost(row, next) - rowPotentials[row] - columnPotentials[next]
          if length < distances[next] {
            distances[next] = length
            previous[next] = column
          }
          if nearest < 0 || distances[next] < distances[nearest] { nearest = next }
        }
        column = nearest
        isDone[column] = true
        travelled = distances[column]
        if rows[column] >= 0 { row = rows[column] }
      } while rows[column] >= 0
      // Keeps costs minus potentials at 0 along assignments and nowhere below.
      rowPotentials[start] += travelled
      for other in 0..<columnCount where isDone[other] && other != column {
        let slack = travelled - distances[other]
        columnPotentials[other] -= slack
        rowPotentials[rows[other]] += slack
      }
      while column >= 0 {
        let before = previous[column]
        rows[column] = before >= 0 ? rows[before] : start
        column = before
      }
    }
    var columns = [Int](repeating: -1, count: rowCount)
    for (column, row) in rows.enumerated() where row >= 0 { columns[row] = column }
    self.columns = columns
  }
}
