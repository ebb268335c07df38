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
/// and likewise down. s is `scale_x_y`, 1 in a region head. With `new_coords=1` the width is
/// (2 σ(w))² · anchor width. A `[Gaussian_yolo]` head has 9 + L entries, see ``GaussianHead``, and its x and y may
/// be those of a corner.
package struct PredictionGrid: Sendable {
  /// The cells with their anchors.
  package let cells: AnchorGrid
  /// The anchors of a cell, as fractions of the network input.
  package let anchors: [AnchorBox]
  /// Where the numbers of an anchor are.
  package let layout: HeadLayout
  /// 5 + L, or 9 + L.
  package let entryCount: Int
  /// s, `scale_x_y`.
  package let scaleXY: Float
  /// How a side is read from its logit.
  package let sizeCode: YOLOHead.SizeCode
  /// What is added to a box's point in sides of the box for its centre.
  package let pointShift: Float

  /// The exponent of a size is cut here: a diverged logit must not make an infinite box.
  package static let largestExponent: Float = 20

  /// The grid of a head over a tensor of the given shape.
  package init(head: DetectionHead, shape: Shape, inputWidth: Int, inputHeight: Int) {
    precondition(
      shape.channels == head.channelCount, "\(shape) for a head of \(head.channelCount) channels")
    cells = AnchorGrid(
      stride: max(1, inputWidth / shape.width), width: shape.width, height: shape.height,
      anchorCount: head.anchorCount)
    layout = head.layout
    entryCount = layout.count(classCount: head.classCount)
    func fractions(_ head: YOLOHead) -> [AnchorBox] {
      head.mask.map {
        AnchorBox(
          width: head.anchors[$0].width / Float(inputWidth),
          height: head.anchors[$0].height / Float(inputHeight))
      }
    }
    switch head {
    case .yolo(let head):
      (scaleXY, sizeCode, pointShift) = (head.scaleXY, head.sizeCode, 0)
      anchors = fractions(head)
    case .gaussian(let head):
      (scaleXY, sizeCode) = (head.boxes.scaleXY, head.boxes.sizeCode)
      pointShift = head.point.shift
      anchors = fractions(head.boxes)
    case .region(let head):
      pointShift = 0
      scaleXY = 1
      sizeCode = .exponential
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
    let across = size(logits[layout.width]) * anchors[anchor].width
    let down = size(logits[layout.height]) * anchors[anchor].height
    let x = (Float(column) + position(logits[layout.x])) / Float(width)
    let y = (Float(row) + position(logits[layout.y])) / Float(height)
    // From the point to the edges, not by the centre: a huge box must not round its own corner away.
    return Box(
      left: x + (pointShift - 0.5) * across, top: y + (pointShift - 0.5) * down,
      right: x + (pointShift + 0.5) * across, bottom: y + (pointShift + 0.5) * down)
  }

  /// The same box in double precision, with the derivatives of x, y, width and height, each in its own
  /// logit.
  package func centeredBox(
    _ logits: UnsafePointer<Float>, row: Int, column: Int, anchor: Int
  ) -> (box: CenteredBox, slope: SIMD4<Double>) {
    let (x, xSlope) = position(Double(logits[HeadEntry.x]))
    let (y, ySlope) = position(Double(logits[HeadEntry.y]))
    let (w, wSlope) = size(Double(logits[HeadEntry.width]))
    let (h, hSlope) = size(Double(logits[HeadEntry.height]))
    let (width, height) = (Double(width), Double(height))
    let size = (Double(anchors[anchor].width), Double(anchors[anchor].height))
    return (
      CenteredBox(
        x: (Double(column) + x) / width, y: (Double(row) + y) / height, width: w * size.0,
        height: h * size.1),
      SIMD4(xSlope / width, ySlope / height, wSlope * size.0, hSlope * size.1)
    )
  }

  /// The area of that box; at the cost of one exponential where sizes are exponential.
  package func area(_ logits: UnsafePointer<Float>, anchor: Int) -> Float {
    let (width, height) = (logits[layout.width], logits[layout.height])
    switch sizeCode {
    case .exponential:
      return anchors[anchor].area
        * exp(
          min(width, PredictionGrid.largestExponent) + min(height, PredictionGrid.largestExponent))
    case .squared:
      return anchors[anchor].area * size(width) * size(height)
    }
  }

  private func position(_ logit: Float) -> Float {
    scaleXY * logistic(logit) - (scaleXY - 1) / 2
  }

  private func position(_ logit: Double) -> (value: Double, slope: Double) {
    let (scale, probability) = (Double(scaleXY), logistic(logit))
    return (
      scale * probability - (scale - 1) / 2, scale * probability * logistic(-logit)
    )
  }

  private func size(_ logit: Float) -> Float {
    switch sizeCode {
    case .exponential: return exp(min(logit, PredictionGrid.largestExponent))
    case .squared:
      let probability = logistic(logit)
      return 4 * probability * probability
    }
  }

  private func size(_ logit: Double) -> (value: Double, slope: Double) {
    switch sizeCode {
    case .exponential:
      let largest = Double(PredictionGrid.largestExponent)
      let size = exp(min(logit, largest))
      return (size, logit > largest ? 0 : size)
    case .squared:
      let probability = logistic(logit)
      let size = 4 * probability * probability
      return (size, 2 * size * logistic(-logit))
    }
  }
}
