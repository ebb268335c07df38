import Geometry

/// Finds places for the labels of boxes, inside the picture and apart from each other.
struct LabelPlacement {
  private let width: Float
  private let height: Float
  private var taken: [Box] = []

  init(width: Int, height: Int) {
    self.width = Float(width)
    self.height = Float(height)
  }

  /// The upper left corner of a label of the given size for a box, which is then taken.
  ///
  /// In order of preference: above the box, in its upper corner, below it, in its lower corner, then
  /// the same at the right side; the one that covers least of the other labels is chosen.
  mutating func place(width: Float, height: Float, box: Box, thickness: Float) -> Point {
    let rows = [box.top - height, box.top + thickness, box.bottom, box.bottom - height - thickness]
    let columns = [box.left, box.right - width]
    var best: Box?
    var bestCost = Float.infinity
    for left in columns {
      for top in rows {
        let x = min(max(left, 0), max(self.width - width, 0)).rounded()
        let y = min(max(top, 0), max(self.height - height, 0)).rounded()
        let candidate = Box(left: x, top: y, right: x + width, bottom: y + height)
        let covered = taken.reduce(Float(0)) { $0 + Self.sharedArea($1, candidate) }
        let cost = covered + abs(y - top) + abs(x - left) * 0.5
        if cost < bestCost - 0.01 {
          best = candidate
          bestCost = cost
        }
      }
    }
    let chosen = best ?? Box(left: 0, top: 0, right: width, bottom: height)
    taken.append(chosen)
    return Point(Double(chosen.left), Double(chosen.top))
  }

  private static func sharedArea(_ a: Box, _ b: Box) -> Float {
    let width = min(a.right, b.right) - max(a.left, b.left)
    let height = min(a.bottom, b.bottom) - max(a.top, b.top)
    return max(width, 0) * max(height, 0)
  }
}
