package import Compute
import Foundation

/// Turns the logits of a head into detections.
///
/// Darknet's rule: the confidence of a class is objectness · class probability, and every class of
/// every anchor whose confidence exceeds the threshold is a detection of its own. Objectness is
/// logistic; class probabilities are logistic in a YOLO head, a softmax in a region head that asks
/// for it. A ``GaussianHead`` multiplies the confidence by one minus the mean of its four deviations.
package struct BoxDecoder: Sendable {
  /// Which classes of an anchor become detections.
  package enum ClassRule: String, Sendable, CaseIterable, Codable {
    /// Every class above the threshold, as mAP is measured.
    case all
    /// The most probable class alone, as people want to see it.
    case best
  }

  /// The head whose logits are decoded.
  package let head: DetectionHead
  /// Width of the network input in pixels.
  package let inputWidth: Int
  /// Height of the network input in pixels.
  package let inputHeight: Int

  /// A decoder for a head of a network with the given input size.
  package init(head: DetectionHead, inputWidth: Int, inputHeight: Int) {
    self.head = head
    self.inputWidth = inputWidth
    self.inputHeight = inputHeight
  }

  /// The detections of one image of the batch, in the order of the grid: row, column, anchor, class.
  ///
  /// Nothing is suppressed or clipped.
  ///
  /// - Parameters:
  ///   - logits: [N, H, W, A·(5 + L)], of a ``GaussianHead`` [N, H, W, A·(9 + L)].
  ///   - image: Which of the N images.
  ///   - confidenceThreshold: Only larger confidences are returned; 0...1.
  ///   - classes: Which classes of an anchor are returned.
  ///   - uncertainty: What detections of an anchor, by its number in the order H, W, A, carry of the
  ///     model's certainty; asked for those above the threshold only.
  ///   - place: What the model says of the place of an anchor's box, in the same way.
  /// - Returns: Detections with boxes as fractions of the network input.
  /// - Throws: ``DetectionError/notFinite(image:row:column:channel:)`` if any logit of the image is a
  ///   NaN or an infinity.
  package func decode(
    _ logits: Tensor, image: Int, confidenceThreshold: Float, classes: ClassRule = .all,
    uncertainty: (Int) -> DetectionUncertainty? = { _ in nil },
    place: (Int) -> PlaceKnowledge = { _ in PlaceKnowledge() }
  ) throws(DetectionError) -> [Detection] {
    precondition(image >= 0 && image < logits.shape.batch, "no image \(image) in \(logits.shape)")
    let grid = PredictionGrid(
      head: head, shape: logits.shape, inputWidth: inputWidth, inputHeight: inputHeight)
    return try logits.withHostValues { (values) throws(DetectionError) -> [Detection] in
      let values = UnsafeBufferPointer(
        rebasing: values[image * grid.logitCount..<(image + 1) * grid.logitCount])
      if let position = firstNotFinite(values) {
        let channels = logits.shape.channels
        throw .notFinite(
          image: image, row: position / channels / grid.width,
          column: position / channels % grid.width, channel: position % channels)
      }
      return detections(values, grid, threshold: confidenceThreshold, classes) {
        (uncertainty($0), place($0))
      }
    }
  }

  private func detections(
    _ values: UnsafeBufferPointer<Float>, _ grid: PredictionGrid, threshold: Float,
    _ classes: ClassRule,
    _ knowledge: (Int) -> (uncertainty: DetectionUncertainty?, place: PlaceKnowledge)
  ) -> [Detection] {
    guard threshold < 1, let start = values.baseAddress else { return [] }
    // No class can exceed the objectness, so most anchors are done after one comparison. The margin
    // covers rounding; the exact comparison follows.
    let smallest = threshold > 0 ? log(threshold / (1 - threshold)) - 1e-3 : -Float.infinity
    var found: [Detection] = []
    var probabilities = [Float](repeating: 0, count: head.classCount)
    var logits = start
    for row in 0..<grid.height {
      for column in 0..<grid.width {
        for anchor in grid.anchors.indices {
          defer { logits += grid.entryCount }
          guard logits[grid.layout.objectness] >= smallest else { continue }
          let objectness = logistic(logits[grid.layout.objectness])
          guard objectness > threshold else { continue }
          classProbabilities(logits + grid.layout.firstClass, into: &probabilities)
          let weight = objectness * certainty(of: logits, grid.layout)
          let box = grid.box(logits, row: row, column: column, anchor: anchor)
          let best = classes == .best ? probabilities.max() : nil
          guard weight * (probabilities.max() ?? 0) > threshold else { continue }
          let known = knowledge(grid.index(row: row, column: column, anchor: anchor))
          for (index, probability) in probabilities.enumerated()
          where weight * probability > threshold && probability >= best ?? 0 {
            var detection = Detection(
              box: box, classIndex: index, confidence: weight * probability,
              objectness: objectness, uncertainty: known.uncertainty,
              expectedIoU: known.place.expectedIoU)
            detection.edges = known.place.edges
            found.append(detection)
          }
        }
      }
    }
    return found
  }

  /// What a confidence is multiplied by for the deviations of the box; 1 in heads without.
  private func certainty(of logits: UnsafePointer<Float>, _ layout: HeadLayout) -> Float {
    guard !layout.deviations.isEmpty else { return 1 }
    let sum = layout.deviations.reduce(0) { $0 + logistic(logits[$1]) }
    return 1 - sum / Float(layout.deviations.count)
  }

  private func classProbabilities(
    _ logits: UnsafePointer<Float>, into probabilities: inout [Float]
  ) {
    guard case .region(let head) = head, head.softmax else {
      for index in probabilities.indices { probabilities[index] = logistic(logits[index]) }
      return
    }
    var largest = -Float.infinity
    for index in probabilities.indices { largest = max(largest, logits[index]) }
    var sum: Float = 0
    for index in probabilities.indices {
      probabilities[index] = exp(logits[index] - largest)
      sum += probabilities[index]
    }
    for index in probabilities.indices { probabilities[index] /= sum }
  }
}

/// The position of the first NaN or infinity.
private func firstNotFinite(_ values: UnsafeBufferPointer<Float>) -> Int? {
  // An integer maximum is vectorised, a chain of float comparisons is not.
  var largest: UInt32 = 0
  for value in values { largest = max(largest, value.bitPattern & 0x7fff_ffff) }
  return largest < 0x7f80_0000 ? nil : values.firstIndex { !$0.isFinite }
}
