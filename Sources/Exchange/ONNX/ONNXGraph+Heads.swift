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
  ///   - logits: [N, A · (5 + L), H, W].
  ///   - head: Anchors and classes.
  ///   - shape: Of the logits, [1, H, W, A · (5 + L)].
  ///   - input: Of the network's input.
  /// - Returns: The names of what is found.
  mutating func decode(
    _ logits: String, _ head: DetectionHead, shape: Shape, input: Shape
  ) -> DecodedHead {
    let grid = PredictionGrid(
      head: head, shape: shape, inputWidth: input.width, inputHeight: input.height)
    let (count, cells) = (grid.anchors.count, grid.height * grid.width)
    let parts = add(
      "Split", [anchorsLast(logits, count, grid.entryCount, cells: cells), entries(head)],
      [.integer("axis", 3)], count: 4)
    // A pixel of the map in pixels of the input, across and down.
    let cell = [Float(input.width) / Float(grid.width), Float(input.height) / Float(grid.height)]
    let corners = (0..<cells).flatMap { [Float($0 % grid.width), Float($0 / grid.width)] }
    let scale = grid.scaleXY
    let inside = add(
      multiply(add("Sigmoid", [parts[0]]), by: scale), -(scale - 1) / 2)
    let places = add("Add", [inside, constant(corners, [1, cells, 1, 2], "cells")])
    let centres = add("Mul", [places, constant(cell, [2], "cell")])
    let anchors = grid.anchors.flatMap {
      [$0.width * Float(input.width), $0.height * Float(input.height)]
    }
    let sizes = add(
      "Mul",
      [side(parts[1], grid.sizeCode), constant(anchors, [1, 1, count, 2], "anchors")])
    let half = multiply(sizes, by: 0.5)
    let boxes = add(
      "Concat", [add("Sub", [centres, half]), add("Add", [centres, half])], [.integer("axis", 3)])
    let objectness = add("Sigmoid", [parts[2]])
    let scores = add("Mul", [objectness, classes(parts[3], head)])
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

  /// Place, size, objectness, classes.
  private mutating func entries(_ head: DetectionHead) -> String {
    integers([2, 2, 1, head.classCount], "entries")
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
