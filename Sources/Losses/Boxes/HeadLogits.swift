import Detection
import Foundation
import Geometry

/// The logits of one image for one head, and the place of their gradient.
///
/// ``YOLOLoss`` and ``RegionLoss`` share these terms and differ in weights and targets. Each term
/// returns its value and overwrites the gradient of the logits that it is about; those of boxes add to
/// it, as an anchor may have several.
struct HeadLogits {
  let grid: PredictionGrid
  let logits: UnsafePointer<Float>
  let gradient: UnsafeMutablePointer<Float>

  init(
    _ grid: PredictionGrid, image: Int, logits: UnsafeBufferPointer<Float>,
    gradient: UnsafeMutableBufferPointer<Float>
  ) {
    let start = image * grid.logitCount
    precondition(start + grid.logitCount <= logits.count, "no image \(image)")
    guard let logits = logits.baseAddress, let gradient = gradient.baseAddress else {
      preconditionFailure("a head without logits")
    }
    self.grid = grid
    self.logits = logits + start
    self.gradient = gradient + start
  }

  /// The number of an anchor in the order H, W, A.
  func place(_ positive: TargetAssignment.Positive) -> Int {
    grid.index(row: positive.row, column: positive.column, anchor: positive.anchor)
  }

  /// The decoded box of an anchor, as fractions of the input.
  func decodedBox(_ positive: TargetAssignment.Positive) -> Box {
    grid.box(
      logits + place(positive) * grid.entryCount, row: positive.row, column: positive.column,
      anchor: positive.anchor)
  }

  /// Box loss. With the truth's centre (x*, y*) inside the cell, 0...1, and s = `scale_x_y`:
  ///
  ///     weight · { s·BCE(σ(x), (x* + (s − 1)/2) / s) + the same for y
  ///                + ½ (w − ln(truth width / anchor width))² + the same for h }
  ///
  /// Its gradient in x is weight · (decoded x − x*) for every s, as in Darknet; at s = 1 the first
  /// line is the plain binary cross-entropy. With `new_coords=1` the size's term is
  /// ½ (σ(w) − √(truth width / 4 anchor width))².
  func box(_ truth: Box, row: Int, column: Int, anchor: Int, weight: Float) -> Double {
    let start = grid.index(row: row, column: column, anchor: anchor) * grid.entryCount
    let scale = grid.scaleXY
    let size = grid.anchors[anchor]

    func position(_ entry: Int, _ target: Float) -> Double {
      let term = LogisticTerm.binaryCrossEntropy(
        logit: logits[start + entry], target: (target + (scale - 1) / 2) / scale)
      gradient[start + entry] += weight * scale * term.gradient
      return Double(weight * scale) * term.value
    }
    func length(_ entry: Int, _ side: Float, _ anchor: Float) -> Double {
      let (difference, slope) = sizeError(logits[start + entry], side / anchor)
      gradient[start + entry] += weight * slope
      return Double(weight) * 0.5 * Double(difference) * Double(difference)
    }
    return position(HeadEntry.x, truth.centerX * Float(grid.width) - Float(column))
      + position(HeadEntry.y, truth.centerY * Float(grid.height) - Float(row))
      + length(HeadEntry.width, truth.width, size.width)
      + length(HeadEntry.height, truth.height, size.height)
  }

  /// How far a size is from a truth's, in anchors, and the derivative of half the square of that.
  private func sizeError(_ logit: Float, _ ratio: Float) -> (difference: Float, slope: Float) {
    switch grid.sizeCode {
    case .exponential:
      let difference = logit - log(ratio)
      return (difference, difference)
    case .squared:
      let probability = logistic(logit)
      let difference = probability - (ratio / 4).squareRoot()
      return (difference, difference * probability * logistic(-logit))
    }
  }

  /// weight · (1 − how well the decoded box fits the truth) · share.
  ///
  /// The gradient is that of this loss in the logits, each of its four numbers kept in ±limit before it
  /// is shared. Darknet's own leaves out factors of the chain rule: s·σ′(x) / grid width of x, and
  /// half the anchor's width of w, so that the same weight moves boxes much further there.
  func overlap(
    _ truth: Box, _ positive: TargetAssignment.Positive, measure: OverlapMeasure, weight: Float,
    limit: Float, share: Float
  ) -> Double {
    let start = place(positive) * grid.entryCount
    let (box, slope) = grid.centeredBox(
      logits + start, row: positive.row, column: positive.column, anchor: positive.anchor)
    let (value, derivative) = measure.compare(box, with: CenteredBox(truth))
    let steps = -Double(weight) * derivative * slope
    for (index, entry) in [HeadEntry.x, HeadEntry.y, HeadEntry.width, HeadEntry.height].enumerated()
    {
      gradient[start + entry] += share * min(max(Float(steps[index]), -limit), limit)
    }
    return Double(share) * Double(weight) * (1 - value)
  }

  /// weight · BCE(σ(objectness), target).
  func objectness(
    _ place: Int, target: Float, weight: Float
  ) -> (value: Double, probability: Float) {
    let index = place * grid.entryCount + HeadEntry.objectness
    return set(index, .binaryCrossEntropy(logit: logits[index], target: target), weight: weight)
  }

  /// weight · the objectness loss of an anchor; see ``ObjectnessLoss`` for q*.
  func objectness(
    _ place: Int, target: Float, largestPositive: Float?, loss: ObjectnessLoss, weight: Float
  ) -> (value: Double, probability: Float) {
    let index = place * grid.entryCount + HeadEntry.objectness
    let term = loss.term(logit: logits[index], target: target, largestPositive: largestPositive)
    return set(index, term, weight: weight)
  }

  /// The largest objectness among the given anchors; nil without anchors.
  func largestObjectness(_ positives: [TargetAssignment.Positive]) -> Float? {
    let largest = positives.map { logits[place($0) * grid.entryCount + HeadEntry.objectness] }.max()
    return largest.map { LogisticTerm.binaryCrossEntropy(logit: $0, target: 1).probability }
  }

  private func set(
    _ index: Int, _ term: LogisticTerm, weight: Float
  ) -> (value: Double, probability: Float) {
    gradient[index] = weight * term.gradient
    return (Double(weight) * term.value, term.probability)
  }

  /// weight · Σ BCE over all classes; the target of the given classes is 1.
  func logisticClasses(_ place: Int, classes: [Int], weight: Float) -> Double {
    self.classes(place) { logit, index in
      (.binaryCrossEntropy(logit: logit, target: classes.contains(index) ? 1 : 0), weight)
    }
  }

  /// Σ weight · term over all classes, each of which has its own.
  func classes(
    _ place: Int, term: (_ logit: Float, _ index: Int) -> (LogisticTerm, weight: Float)
  ) -> Double {
    let start = place * grid.entryCount + HeadEntry.firstClass
    var value = 0.0
    for index in 0..<grid.entryCount - HeadEntry.firstClass {
      let (term, weight) = term(logits[start + index], index)
      gradient[start + index] = weight * term.gradient
      value += Double(weight) * term.value
    }
    return value
  }

  /// weight · softmax cross-entropy of one class.
  func softmaxClass(_ place: Int, class label: Int, weight: Float) -> Double {
    let start = place * grid.entryCount + HeadEntry.firstClass
    return softmaxCrossEntropy(
      logits + start, count: grid.entryCount - HeadEntry.firstClass, label: label, weight: weight,
      gradient: gradient + start)
  }
}
