package import Compute
import Geometry

/// Which anchors of an image must find which object: the targets of a detection loss.
///
/// Darknet's rule, in its order:
/// 1. Every anchor is negative; it is ignored if its decoded box overlaps any truth, of any class,
///    by an IoU above the ignore threshold, and positive for the best such truth if that IoU exceeds
///    the truth threshold (which is 1, never, by default).
/// 2. Each truth in turn makes one anchor positive: in the cell of its centre, the anchor whose size
///    has the best IoU with the truth's (the first on a tie). In a YOLO head all scales compete, and
///    the truth is another head's if the winner is not in the mask. With `iou_thresh` below 1, every
///    other anchor of the mask whose shape fits the truth's by more is positive too.
///
/// A later truth on a positive anchor adds its box and its class. Truths that are difficult, have no
/// area, or have their centre outside the input are left out of both steps.
///
/// With `objectness_smooth` no anchor is ignored, and what an anchor has to find does not decide its
/// objectness: the target is the IoU with the best truth where that exceeds the ignore threshold (its
/// square where it exceeds the truth threshold), and 0 elsewhere, for the anchors of step 2 as for all
/// others. That is what AlexeyAB's Darknet computes, except that it also asks for a class probability
/// above ¼ before an overlap counts.
///
/// With `objectness_target=iou` the roles are as above, and the objectness target of a positive is the IoU of
/// its decoded box with its last truth, a constant of the gradient.
package struct TargetAssignment: Sendable {
  /// The role of an anchor.
  package enum State: UInt8, Sendable {
    /// Its objectness target is 0.
    case negative
    /// It takes no part in the loss.
    case ignored
    /// Its objectness target is above 0: it has an object to find, or overlaps one.
    case positive
  }

  /// An anchor that has an object to find.
  package struct Positive: Hashable, Sendable {
    /// The cell's row.
    package let row: Int
    /// The cell's column.
    package let column: Int
    /// Which of the cell's A anchors.
    package let anchor: Int
    /// The truths that set it, in their order: indices into the image's truths.
    package fileprivate(set) var truthIndices: [Int]
    /// The target classes in the order in which truths set them, without repetition.
    package fileprivate(set) var classes: [Int]

    /// The last of ``truthIndices``.
    package var truthIndex: Int { truthIndices[truthIndices.count - 1] }
  }

  /// The role of every anchor, in the order H, W, A.
  package private(set) var states: [State]
  /// The positive anchors, each once.
  package private(set) var positives: [Positive] = []
  private var places: [Int: Int] = [:]
  private var smoothTargets: [Float]?
  /// IoU of positives' boxes with their truths, by place, where that is their target.
  private var overlapTargets: [Int: Float] = [:]

  /// The target of an anchor's objectness, 0...1; 0 for ignored ones.
  package func objectnessTarget(_ place: Int) -> Float {
    smoothTargets?[place] ?? (states[place] == .positive ? overlapTargets[place] ?? 1 : 0)
  }

  /// The targets of one image for a YOLO head.
  ///
  /// - Parameters:
  ///   - logits: [N, H, W, A·(5 + L)].
  ///   - image: Which of the N images.
  ///   - truths: Its objects, boxes as fractions of the network input.
  ///   - head: The head.
  ///   - inputWidth: Width of the network input in pixels.
  ///   - inputHeight: Height of the network input in pixels.
  package init(
    logits: Tensor, image: Int, truths: [GroundTruth], head: YOLOHead, inputWidth: Int,
    inputHeight: Int
  ) {
    self.init(
      logits: logits, image: image, truths: truths, head: .yolo(head), inputWidth: inputWidth,
      inputHeight: inputHeight, ignoreThreshold: head.ignoreThreshold,
      truthThreshold: head.truthThreshold, smooth: head.smoothsObjectness
    ) { truth, _, _ in
      let size = AnchorBox(
        width: truth.width * Float(inputWidth), height: truth.height * Float(inputHeight))
      return head.places(for: size)
    }
    guard head.expectsOverlap else { return }
    let grid = PredictionGrid(
      head: .yolo(head), shape: logits.shape, inputWidth: inputWidth, inputHeight: inputHeight)
    logits.withHostValues { values in
      guard let start = values.baseAddress.map({ $0 + image * grid.logitCount }) else { return }
      for positive in positives {
        let (row, column, anchor) = (positive.row, positive.column, positive.anchor)
        let place = grid.index(row: row, column: column, anchor: anchor)
        overlapTargets[place] = grid.box(
          start + place * grid.entryCount, row: row, column: column, anchor: anchor
        ).intersectionOverUnion(with: truths[positive.truthIndex].box)
      }
    }
  }

  /// The targets of one image for a region head.
  ///
  /// - Parameters:
  ///   - logits: [N, H, W, A·(5 + L)].
  ///   - image: Which of the N images.
  ///   - truths: Its objects, boxes as fractions of the network input.
  ///   - head: The head; without `biasMatch` the predicted sizes compete, not the anchors'.
  package init(logits: Tensor, image: Int, truths: [GroundTruth], head: RegionHead) {
    let shape = logits.shape
    self.init(
      logits: logits, image: image, truths: truths, head: .region(head), inputWidth: 1,
      inputHeight: 1, ignoreThreshold: head.threshold, truthThreshold: .infinity
    ) { truth, row, column in
      let size = AnchorBox(
        width: truth.width * Float(shape.width), height: truth.height * Float(shape.height))
      guard !head.biasMatch else { return [best(head.anchors, for: size)] }
      let grid = PredictionGrid(head: .region(head), shape: shape, inputWidth: 1, inputHeight: 1)
      let predicted = logits.withHostValues { values in
        head.anchors.indices.map { anchor in
          let start =
            image * grid.logitCount
            + grid.index(row: row, column: column, anchor: anchor) * grid.entryCount
          return values.baseAddress.map {
            let box = grid.box($0 + start, row: row, column: column, anchor: anchor)
            return AnchorBox(width: box.width, height: box.height)
          }
        }
      }.compactMap { $0 }
      return [best(predicted, for: AnchorBox(width: truth.width, height: truth.height))]
    }
  }

  private init(
    logits: Tensor, image: Int, truths: [GroundTruth], head: DetectionHead, inputWidth: Int,
    inputHeight: Int, ignoreThreshold: Float, truthThreshold: Float, smooth: Bool = false,
    anchorsFor: (_ truth: Box, _ row: Int, _ column: Int) -> [Int]
  ) {
    precondition(image >= 0 && image < logits.shape.batch, "no image \(image) in \(logits.shape)")
    let grid = PredictionGrid(
      head: head, shape: logits.shape, inputWidth: inputWidth, inputHeight: inputHeight)
    states = Array(repeating: .negative, count: grid.anchorCount)
    if smooth { smoothTargets = Array(repeating: 0, count: grid.anchorCount) }
    let usable = truths.indices.filter { isUsable(truths[$0], classCount: head.classCount) }
    guard !usable.isEmpty else { return }
    compareAll(
      logits, image, truths, usable, grid, ignoreThreshold: ignoreThreshold,
      truthThreshold: truthThreshold)
    for index in usable {
      let box = truths[index].box
      let column = min(Int(box.centerX * Float(grid.width)), grid.width - 1)
      let row = min(Int(box.centerY * Float(grid.height)), grid.height - 1)
      for anchor in anchorsFor(box, row, column) {
        setPositive(
          grid.index(row: row, column: column, anchor: anchor),
          Positive(
            row: row, column: column, anchor: anchor, truthIndices: [index],
            classes: [truths[index].classIndex]))
      }
    }
  }

  /// Step 1.
  private mutating func compareAll(
    _ logits: Tensor, _ image: Int, _ truths: [GroundTruth], _ usable: [Int],
    _ grid: PredictionGrid, ignoreThreshold: Float, truthThreshold: Float
  ) {
    // Two boxes whose areas differ by the factor r have an IoU of at most 1/r: one exponential
    // rejects most anchors. The factors 0.99 and 1.01 cover rounding.
    let boxes = usable.map { truths[$0].box }
    let threshold = min(ignoreThreshold, truthThreshold)
    let areas = boxes.map(\.area)
    let smallest = (areas.min() ?? 0) * threshold * 0.99
    let largest = (areas.max() ?? 0) / max(threshold, 1e-6) * 1.01
    logits.withHostValues { values in
      guard var start = values.baseAddress else { return }
      start += image * grid.logitCount
      for row in 0..<grid.height {
        for column in 0..<grid.width {
          for anchor in grid.anchors.indices {
            defer { start += grid.entryCount }
            let area = grid.area(start, anchor: anchor)
            if area < smallest || area > largest { continue }
            let predicted = grid.box(start, row: row, column: column, anchor: anchor)
            var best = 0
            var overlap: Float = 0
            for (index, box) in boxes.enumerated() {
              let candidate = predicted.intersectionOverUnion(with: box)
              if candidate > overlap { (best, overlap) = (index, candidate) }
            }
            let place = grid.index(row: row, column: column, anchor: anchor)
            if overlap > ignoreThreshold { setOverlap(place, overlap) }
            if overlap > truthThreshold {
              if smoothTargets != nil { setOverlap(place, overlap * overlap) }
              setPositive(
                place,
                Positive(
                  row: row, column: column, anchor: anchor, truthIndices: [usable[best]],
                  classes: [truths[usable[best]].classIndex]))
            }
          }
        }
      }
    }
  }

  private mutating func setOverlap(_ place: Int, _ target: Float) {
    states[place] = smoothTargets == nil ? .ignored : .positive
    smoothTargets?[place] = target
  }

  private mutating func setPositive(_ place: Int, _ positive: Positive) {
    if smoothTargets == nil { states[place] = .positive }
    guard let existing = places[place] else {
      places[place] = positives.count
      positives.append(positive)
      return
    }
    positives[existing].truthIndices += positive.truthIndices
    for index in positive.classes where !positives[existing].classes.contains(index) {
      positives[existing].classes.append(index)
    }
  }
}

/// Whether a truth takes part in training.
func isUsable(_ truth: GroundTruth, classCount: Int) -> Bool {
  precondition(
    truth.classIndex >= 0 && truth.classIndex < classCount,
    "class \(truth.classIndex) of \(classCount)")
  let box = truth.box
  return !truth.isDifficult && box.width > 0 && box.height > 0 && box.area.isFinite
    && box.centerX >= 0 && box.centerX < 1 && box.centerY >= 0 && box.centerY < 1
}

extension YOLOHead {
  /// The anchors of the mask that a truth of a size, in pixels of the input, makes positive.
  fileprivate func places(for size: AnchorBox) -> [Int] {
    let best = best(anchors, for: size)
    var places = [mask.firstIndex(of: best)].compactMap { $0 }
    guard shapeThreshold < 1 else { return places }
    let truth = CenteredBox(shape: size)
    for (place, anchor) in mask.enumerated() where anchor != best {
      let fit = shapeMeasure.compare(CenteredBox(shape: anchors[anchor]), with: truth).value
      if fit > Double(shapeThreshold) { places.append(place) }
    }
    return places
  }
}

extension CenteredBox {
  fileprivate init(shape: AnchorBox) {
    self.init(x: 0, y: 0, width: Double(shape.width), height: Double(shape.height))
  }
}

/// The index of the first size with the best width–height IoU, 0 if none overlaps.
private func best(_ sizes: [AnchorBox], for size: AnchorBox) -> Int {
  var best = 0
  var overlap: Float = 0
  for (index, candidate) in sizes.enumerated() {
    let value = candidate.intersectionOverUnion(with: size)
    if value > overlap { (best, overlap) = (index, value) }
  }
  return best
}
