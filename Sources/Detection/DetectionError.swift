/// What can be wrong with the input of detection.
package enum DetectionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A head got a NaN or an infinity; image, row, column and channel count from 0.
  case notFinite(image: Int, row: Int, column: Int, channel: Int)
  /// A branch for the expected IoU or the variance of boxes gives a NaN or an infinity; all count from 0.
  case placeNotFinite(image: Int, row: Int, column: Int, anchor: Int)
  /// There are fewer different box sizes than anchors wanted.
  case tooFewBoxes(distinct: Int, anchors: Int)
  /// A box to be clustered has no finite, positive size; the index counts from 0.
  case emptyBox(index: Int)

  /// One line: what, where and what helps.
  package var description: String {
    switch self {
    case .notFinite(let image, let row, let column, let channel):
      "the head's input is not finite (image \(image), row \(row), column \(column), channel "
        + "\(channel)): the weights are damaged or training diverged; use an earlier checkpoint"
    case .placeNotFinite(let image, let row, let column, let anchor):
      "a branch for the place of boxes is not finite (image \(image), row \(row), column \(column), anchor "
        + "\(anchor)): the weights are damaged or training diverged; use an earlier checkpoint"
    case .tooFewBoxes(let distinct, let anchors):
      "\(anchors) anchors need at least as many different box sizes, there are \(distinct): ask for "
        + "fewer anchors or give more annotations"
    case .emptyBox(let index):
      "box \(index) has no positive size: remove it before clustering"
    }
  }
}
