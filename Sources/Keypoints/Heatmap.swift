/// The map of one keypoint: how likely it is to be in each pixel.
package struct Heatmap: Hashable, Sendable {
  /// Pixels of a row, W.
  package let width: Int
  /// Rows, H.
  package let height: Int
  /// Row by row.
  package let values: [Float]

  /// A map with H · W values.
  package init(width: Int, height: Int, values: [Float]) {
    precondition(
      width > 0 && height > 0 && values.count == width * height,
      "\(values.count) values of a \(width)x\(height) map")
    self.width = width
    self.height = height
    self.values = values
  }

  /// The value of a pixel.
  package subscript(row: Int, column: Int) -> Float { values[row * width + column] }

  /// The map that was found in a mirrored picture, as of the picture itself.
  package var mirrored: Heatmap {
    var result: [Float] = []
    result.reserveCapacity(values.count)
    for row in 0..<height { result += values[row * width..<(row + 1) * width].reversed() }
    return Heatmap(width: width, height: height, values: result)
  }

  /// The mean of this map and another of its size.
  package func averaged(with other: Heatmap) -> Heatmap {
    precondition(other.width == width && other.height == height, "maps of other sizes")
    return Heatmap(
      width: width, height: height,
      values: zip(values, other.values).map { ($0 + $1) / 2 })
  }

  /// The part of the map around a pixel, cut where the map ends, and where the pixel lies in it.
  package func window(
    around pixel: (row: Int, column: Int), reach: Int
  ) -> (window: Heatmap, pixel: (row: Int, column: Int)) {
    let rows = max(0, pixel.row - reach)...min(height - 1, pixel.row + reach)
    let columns = max(0, pixel.column - reach)...min(width - 1, pixel.column + reach)
    let values = rows.flatMap { row in columns.map { self[row, $0] } }
    return (
      Heatmap(width: columns.count, height: rows.count, values: values),
      (pixel.row - rows.lowerBound, pixel.column - columns.lowerBound)
    )
  }

  /// The pixel with the largest value, the first of equal ones.
  package var highest: (row: Int, column: Int) {
    let index = values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
    return (index / width, index % width)
  }

  /// Pixels that no other of the window around them exceeds, of equal ones in a window the first: the
  /// highest first.
  ///
  /// - Parameters:
  ///   - window: Side of the window in pixels, odd.
  ///   - threshold: The value that a peak must be above.
  /// - Returns: Their pixels.
  package func peaks(window: Int = 3, above threshold: Float) -> [(row: Int, column: Int)] {
    precondition(window > 0 && window % 2 == 1, "a window of \(window) pixels")
    let reach = window / 2
    var found: [Int] = []
    for row in 0..<height {
      let rows = max(0, row - reach)...min(height - 1, row + reach)
      for column in 0..<width where self[row, column] > threshold {
        let (value, place) = (self[row, column], row * width + column)
        let columns = max(0, column - reach)...min(width - 1, column + reach)
        let isPeak = rows.allSatisfy { y in
          columns.allSatisfy { x in
            let other = self[y, x]
            return other < value || other == value && y * width + x >= place
          }
        }
        if isPeak { found.append(place) }
      }
    }
    return found.sorted { (values[$0], $1) > (values[$1], $0) }.map { ($0 / width, $0 % width) }
  }
}
