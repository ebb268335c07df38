import Compute
import Detection

extension ONNXGraph {
  /// What a head says of each of its anchors, in the order H, W, A; M = H · W · A.
  struct DecodedHead {
    /// Left, top, right and bottom in pixels of the input, [N, M, 4].
    var boxes: String
    /// Objectness times the probability of each class, [N, M, L].
    var scores: String
    /// [N, M, 1].
    var objectness: String
  }

  /// Adds what makes boxes of the logits of a head, by the rule of ``PredictionGrid``.
  ///
  /// - Parameters:
  ///   - logits: [N, A · (5 + L), H, W], of a `[Gaussian_yolo]` [N, A · (9 + L), H, W].
  ///   - head: Anchors and classes.
  ///   - shape: Of the logits, [1, H, W, channels].
  ///   - input: Of the network's input.
  /// - Returns: The names of what is found.
  mutating func decode(
    _ logits: String, _ head: DetectionHead, shape: Shape, input: Shape
  ) -> DecodedHead {
    let grid = PredictionGrid(
      head: head, shape: shape, inputWidth: input.width, inputHeight: input.height)
    let (count, cells) = (grid.anchors.count, grid.height * grid.width)
    let parts = parts(
      of: anchorsLast(logits, count, grid.entryCount, cells: cells), head, grid.layout)
    // A pixel of the map in pixels of the input, across and down.
    let cell = [Float(input.width) / Float(grid.width), Float(input.height) / Float(grid.height)]
    let corners = (0..<cells).flatMap { [Float($0 % grid.width), Float($0 / grid.width)] }
    let scale = grid.scaleXY
    let inside = add(
      multiply(add("Sigmoid", [parts.place]), by: scale), -(scale - 1) / 2)
    let places = add("Add", [inside, constant(corners, [1, cells, 1, 2], "cells")])
    let points = add("Mul", [places, constant(cell, [2], "cell")])
    let anchors = grid.anchors.flatMap {
      [$0.width * Float(input.width), $0.height * Float(input.height)]
    }
    let sizes = add(
      "Mul",
      [side(parts.size, grid.sizeCode), constant(anchors, [1, 1, count, 2], "anchors")])
    let half = multiply(sizes, by: 0.5)
    let centres =
      grid.pointShift == 0
      ? points : add("Add", [points, multiply(sizes, by: grid.pointShift)])
    let boxes = add(
      "Concat", [add("Sub", [centres, half]), add("Add", [centres, half])], [.integer("axis", 3)])
    let objectness = add("Sigmoid", [parts.objectness])
    let certain = parts.certainty.map { add("Mul", [objectness, $0]) } ?? objectness
    let scores = add("Mul", [certain, classes(parts.classes, head)])
    return DecodedHead(
      boxes: reshape(boxes, [0, cells * count, 4]),
      scores: reshape(scores, [0, cells * count, head.classCount]),
      objectness: reshape(objectness, [0, cells * count, 1]))
  }

  /// Values of the anchors of each cell, [N, A · E, H, W], as [N, H · W, A, E].
  mutating func anchorsLast(_ x: String, _ anchors: Int, _ entries: Int, cells: Int) -> String {
    add(
      "Transpose", [reshape(x, [0, anchors, entries, cells])], [.integers("perm", [0, 3, 1, 2])])
  }

  /// What the numbers of an anchor are for, [N, H · W, A, ·] each.
  private struct Parts {
    var place: String
    var size: String
    var objectness: String
    var classes: String
    /// What a confidence is multiplied by for the deviations of the box; nil in heads without.
    var certainty: String?
  }

  private mutating func parts(
    of values: String, _ head: DetectionHead, _ layout: HeadLayout
  ) -> Parts {
    func split(_ sizes: [Int]) -> [String] {
      add(
        "Split", [values, integers(sizes, "entries")], [.integer("axis", 3)], count: sizes.count)
    }
    guard !layout.deviations.isEmpty else {
      let parts = split([2, 2, 1, head.classCount])
      return Parts(place: parts[0], size: parts[1], objectness: parts[2], classes: parts[3])
    }
    let parts = split([Int](repeating: 1, count: layout.firstClass) + [head.classCount])
    func join(_ places: [Int]) -> String {
      add("Concat", places.map { parts[$0] }, [.integer("axis", 3)])
    }
    let deviations = add("Sigmoid", [join(layout.deviations)])
    let mean = add(
      "ReduceMean", [deviations], [.integers("axes", [3]), .integer("keepdims", 1)])
    return Parts(
      place: join([layout.x, layout.y]), size: join([layout.width, layout.height]),
      objectness: parts[layout.objectness], classes: parts[layout.firstClass],
      certainty: add(multiply(mean, by: -1), 1))
  }

  /// Sides of boxes in sides of their anchors.
  private mutating func side(_ x: String, _ code: YOLOHead.SizeCode) -> String {
    switch code {
    case .exponential: return add("Exp", [clip(x, nil, PredictionGrid.largestExponent)])
    case .squared:
      let double = multiply(add("Sigmoid", [x]), by: 2)
      return add("Mul", [double, double])
    }
  }

  private mutating func classes(_ logits: String, _ head: DetectionHead) -> String {
    if case .region(let head) = head, head.softmax {
      return add("Softmax", [logits], [.integer("axis", 3)])
    }
    return add("Sigmoid", [logits])
  }
}
