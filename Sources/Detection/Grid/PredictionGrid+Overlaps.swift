package import Compute
import Geometry

extension PredictionGrid {
  /// The largest IoU of every anchor's decoded box with any object that takes part in training, in the order
  /// N, H, W, A; 0 in images without.
  ///
  /// - Parameters:
  ///   - logits: [N, H, W, A·(5 + L)].
  ///   - truths: The objects of each image, boxes as fractions of the network input.
  ///   - classCount: L.
  /// - Returns: N · H · W · A values in 0...1.
  package func largestOverlaps(
    logits: Tensor, truths: [[GroundTruth]], classCount: Int
  ) -> [Float] {
    var overlaps = [Float](repeating: 0, count: truths.count * anchorCount)
    logits.withHostValues { values in
      guard let values = values.baseAddress else { return }
      for (image, truths) in truths.enumerated() {
        let boxes = truths.filter { isUsable($0, classCount: classCount) }.map(\.box)
        if boxes.isEmpty { continue }
        for row in 0..<height {
          for column in 0..<width {
            for anchor in anchors.indices {
              let place = index(row: row, column: column, anchor: anchor)
              let predicted = box(
                values + image * logitCount + place * entryCount, row: row, column: column,
                anchor: anchor)
              overlaps[image * anchorCount + place] = boxes.reduce(0) {
                max($0, predicted.intersectionOverUnion(with: $1))
              }
            }
          }
        }
      }
    }
    return overlaps
  }

  /// IoU of every positive's decoded box with its object, in the order N, H, W, A; 0 for others.
  ///
  /// - Parameters:
  ///   - logits: [N, H, W, A·(5 + L)].
  ///   - truths: The objects of each image, boxes as fractions of the network input.
  ///   - assignments: The targets of the batch.
  /// - Returns: N · H · W · A values in 0...1.
  package func overlaps(
    logits: Tensor, truths: [[GroundTruth]], assignments: [TargetAssignment]
  ) -> [Float] {
    // Of anchors that are positive for their overlap alone, the target; the others follow.
    var overlaps = assignments.flatMap { $0.states.indices.map($0.objectnessTarget) }
    logits.withHostValues { values in
      guard let values = values.baseAddress else { return }
      for (image, assignment) in assignments.enumerated() {
        for positive in assignment.positives {
          let place = index(
            row: positive.row, column: positive.column, anchor: positive.anchor)
          let box = box(
            values + image * logitCount + place * entryCount, row: positive.row,
            column: positive.column, anchor: positive.anchor)
          overlaps[image * anchorCount + place] = box.intersectionOverUnion(
            with: truths[image][positive.truthIndex].box)
        }
      }
    }
    return overlaps
  }
}
