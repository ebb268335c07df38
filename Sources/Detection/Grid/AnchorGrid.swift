/// The anchors of one head: a grid of equal cells that covers the network's input.
package struct AnchorGrid: Hashable, Sendable {
  /// Pixels of the input from one cell to the next: the scale's name.
  package let stride: Int
  /// Cells from left to right.
  package let width: Int
  /// Cells from top to bottom.
  package let height: Int
  /// A: the anchors of a cell.
  package let anchorCount: Int

  /// A grid; all numbers are positive.
  package init(stride: Int, width: Int, height: Int, anchorCount: Int) {
    precondition(
      stride > 0 && width > 0 && height > 0 && anchorCount > 0,
      "\(anchorCount) anchors of \(width)x\(height) cells, stride \(stride)")
    self.stride = stride
    self.width = width
    self.height = height
    self.anchorCount = anchorCount
  }

  /// H·W·A.
  package var count: Int { height * width * anchorCount }

  /// The number of an anchor in the order H, W, A.
  package func index(row: Int, column: Int, anchor: Int) -> Int {
    (row * width + column) * anchorCount + anchor
  }
}
