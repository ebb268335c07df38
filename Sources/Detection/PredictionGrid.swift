package import Compute
import Foundation
package import Geometry

/// Where the logits of a head lie, and what box four of them stand for.
///
/// The logits are [N, H, W, A·(5 + L)]; channel = anchor · (5 + L) + entry with the entries x, y, w,
/// h, objectness, classes. Boxes are fractions of the network input:
///
///     centre = (column + s·σ(x) − (s − 1)/2) / W,   width = e^w · anchor width
///
/// and likewise down. s is `scale_x_y`, 1 in a region head.
package struct PredictionGrid: Sendable {
  /// The cells with their anchors.
  package let cells: AnchorGrid
  /// The anchors of a cell, as fractions of the network input.
  package let anchors: [AnchorBox]
  /// 5 + L.
  package let entryCount: Int
  /// s, `scale_x_y`.
  package let scaleXY: Float

  /// The exponent of a size is cut here: a diverged logit must not make an infinite box.
  private static let largestExponent: Float = 20

  /// The grid of a head over a tensor of the given shape.
  package init(head: DetectionHead, shape: Shape, inputWidth: Int, inputHeight: Int) {
    precondition(
      shape.channels == head.channelCount, "\(shape) for a head of \(head.channelCount) channels")
    cells = AnchorGrid(
      stride: max(1, inputWidth / shape.width), width: shape.width, height: shape.height,
      anchorCount: head.anchorCount)
    entryCount = HeadEntry.count(classCount: head.classCount)
    switch head {
    case .yolo(let head):
      scaleXY = head.scaleXY
      anchors = head.mask.map {
        AnchorBox(
          width: head.anchors[$0].width / Float(inputWidth),
          height: head.anchors[$0].height / Float(inputHeight))
      }
    case .region(let head):
      scaleXY = 1
      anchors = head.anchors.map {
        AnchorBox(width: $0.width / Float(shape.width), height: $0.height / Float(shape.height))
      }
    }
  }

  /// Cells from top to bottom.
  package var height: Int { cells.height }
  /// Cells from left to right.
  package var width: Int { cells.width }
  /// H·W·A: the anchors of an image.
  package var anchorCount: Int { cells.count }
  /// H·W·A·(5 + L): the logits of an image.
  package var logitCount: Int { anchorCount * entryCount }

  /// The number of an anchor within its image, in the order H, W, A.
  package func index(row: Int, column: Int, anchor: Int) -> Int {
    cells.index(row: row, column: column, anchor: anchor)
  }

  /// The box of the logits that start at `logits[0]`.
  package func box(
    _ logits: UnsafePointer<Float>, row: Int, column: Int, anchor: Int
  ) -> Box {
    Box(
      centerX: (Float(column) + position(logits[HeadEntry.x])) / Float(width),
      centerY: (Float(row) + position(logits[HeadEntry.y])) / Float(height),
      width: size(logits[HeadEntry.width]) * anchors[anchor].width,
      height: size(logits[HeadEntry.height]) * anchors[anchor].height)
  }

  /// The area of that box, at the cost of one exponential.
  package func area(_ logits: UnsafePointer<Float>, anchor: Int) -> Float {
    anchors[anchor].area
      * exp(
        min(logits[HeadEntry.width], PredictionGrid.largestExponent)
          + min(logits[HeadEntry.height], PredictionGrid.largestExponent))
  }

  private func position(_ logit: Float) -> Float {
    scaleXY * logistic(logit) - (scaleXY - 1) / 2
  }

  private func size(_ logit: Float) -> Float { exp(min(logit, PredictionGrid.largestExponent)) }
}
