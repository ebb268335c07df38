import Geometry
import Uncertainty

/// The cells of a grid over the network's input, as seen by the pixels of a view of the image.
///
/// The view shows the whole image, as the input must, and nothing of the letterbox's margin. Pixel p of n
/// lies at (offset + (p + ½) / n · scaled) / input of the input's side, which is where its cell is
/// looked up.
struct PlacedGrid {
  let grid: ValueGrid
  private let columns: [Place]
  private let rows: [Place]

  /// Twice a pixel's centre in cells, as a fraction: exact at the borders of cells.
  private struct Place {
    let numerator: Int
    let denominator: Int

    /// The cell that the centre is in.
    var cell: Int { numerator / (2 * denominator) }

    /// The cells whose centres it is between, and how far it is from the first.
    func neighbours(_ count: Int) -> (first: Int, second: Int, fraction: Double) {
      let position = Double(numerator) / Double(2 * denominator) - 0.5
      let clamped = min(max(position, 0), Double(count - 1))
      let first = min(Int(clamped), max(count - 2, 0))
      return (first, min(first + 1, count - 1), clamped - Double(first))
    }
  }

  /// A view of the given size.
  init(_ grid: ValueGrid, _ placement: ImagePlacement, width: Int, height: Int) {
    self.grid = grid
    columns = Self.places(
      width, offset: placement.offsetX, scaled: placement.scaledWidth,
      input: placement.inputWidth, cells: grid.width)
    rows = Self.places(
      height, offset: placement.offsetY, scaled: placement.scaledHeight,
      input: placement.inputHeight, cells: grid.height)
  }

  private static func places(
    _ count: Int, offset: Int, scaled: Int, input: Int, cells: Int
  ) -> [Place] {
    (0..<count).map {
      Place(
        numerator: (2 * count * offset + (2 * $0 + 1) * scaled) * cells,
        denominator: count * input)
    }
  }

  /// The value of the cell that a pixel is in.
  func nearest(x: Int, y: Int) -> Float { grid[row: rows[y].cell, column: columns[x].cell] }

  /// The value between the centres of four cells; NaN where the pixel's own cell has none, other
  /// cells without a value do not count.
  func bilinear(x: Int, y: Int) -> Float {
    guard !nearest(x: x, y: y).isNaN else { return .nan }
    let column = columns[x].neighbours(grid.width)
    let row = rows[y].neighbours(grid.height)
    var sum = 0.0
    var total = 0.0
    for (r, rowWeight) in [(row.first, 1 - row.fraction), (row.second, row.fraction)] {
      for (c, columnWeight) in [
        (column.first, 1 - column.fraction), (column.second, column.fraction),
      ] {
        let value = grid[row: r, column: c]
        guard !value.isNaN else { continue }
        sum += rowWeight * columnWeight * Double(value)
        total += rowWeight * columnWeight
      }
    }
    return Float(sum / total)
  }

  /// The cells that the image reaches into: those of the letterbox's margin are left out.
  static func cellsInImage(
    _ placement: ImagePlacement, width: Int, height: Int
  ) -> (columns: Range<Int>, rows: Range<Int>) {
    func range(_ offset: Int, _ scaled: Int, _ input: Int, _ cells: Int) -> Range<Int> {
      offset * cells / input..<((offset + scaled) * cells + input - 1) / input
    }
    return (
      range(placement.offsetX, placement.scaledWidth, placement.inputWidth, width),
      range(placement.offsetY, placement.scaledHeight, placement.inputHeight, height)
    )
  }
}
