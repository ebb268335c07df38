import Geometry

/// How much of each pixel of a window a shape covers.
///
/// Parts of one shape are joined by their maximum, so that overlapping strokes are not painted
/// twice.
struct CoverageMask {
  /// The window's first column and row in the picture.
  let originX: Int
  let originY: Int
  let width: Int
  let height: Int
  /// 0...1, row by row.
  private(set) var values: [Float]

  /// The part of the rectangle that lies inside a picture; nil if none does.
  init?(
    left: Double, top: Double, right: Double, bottom: Double, pictureWidth: Int,
    pictureHeight: Int
  ) {
    guard let columns = PixelRange.covering(left, right, limit: pictureWidth),
      let rows = PixelRange.covering(top, bottom, limit: pictureHeight)
    else { return nil }
    originX = columns.lowerBound
    originY = rows.lowerBound
    width = columns.count
    height = rows.count
    values = [Float](repeating: 0, count: width * height)
  }

  /// Adds a line of the given radius with round ends; equal ends give a disc.
  mutating func addStroke(from a: Point, to b: Point, radius: Double) {
    guard a.isFinite, b.isFinite else { return }
    let reach = radius + 0.5
    guard
      let columns = PixelRange.covering(
        min(a.x, b.x) - reach - Double(originX), max(a.x, b.x) + reach - Double(originX),
        limit: width),
      let rows = PixelRange.covering(
        min(a.y, b.y) - reach - Double(originY), max(a.y, b.y) + reach - Double(originY),
        limit: height)
    else { return }
    let dx = b.x - a.x
    let dy = b.y - a.y
    let squaredLength = dx * dx + dy * dy
    for row in rows {
      let y = Double(row + originY) + 0.5 - a.y
      for column in columns {
        let x = Double(column + originX) + 0.5 - a.x
        let along =
          squaredLength > 0 ? min(max((x * dx + y * dy) / squaredLength, 0), 1) : 0
        let offX = x - along * dx
        let offY = y - along * dy
        let coverage = reach - (offX * offX + offY * offY).squareRoot()
        if coverage > 0 {
          let index = row * width + column
          values[index] = max(values[index], Float(min(coverage, 1)))
        }
      }
    }
  }
}

/// Pixels between two edges.
enum PixelRange {
  /// The indices in 0 ..< `limit` of pixels that the interval touches, nil if it touches none.
  ///
  /// Safe for any number: NaN touches nothing, infinities are cut off.
  static func covering(_ low: Double, _ high: Double, limit: Int) -> Range<Int>? {
    guard low < high, low < Double(limit), high > 0 else { return nil }
    let first = Int(max(low.rounded(.down), 0))
    let last = Int(min(high.rounded(.up), Double(limit)))
    return first < last ? first..<last : nil
  }

  /// The indices of pixels between the nearest whole edges, at least `minimum` of them if visible.
  static func nearest(_ low: Double, _ high: Double, limit: Int, minimum: Int = 0) -> Range<Int>? {
    guard low.isFinite, high.isFinite, low <= high else { return nil }
    let first = low.rounded()
    let last = max(high.rounded(), first + Double(minimum))
    guard first < last else { return nil }
    return covering(first, last, limit: limit)
  }
}
