import Geometry

/// Removes detections that repeat a more confident one.
package enum NonMaximumSuppression {
  /// Greedy suppression within each class.
  ///
  /// From the most confident detection down, a detection is dropped if its IoU with a kept one of
  /// its class exceeds the threshold (an IoU equal to it is kept, as in Darknet). Equal confidences
  /// keep their order.
  ///
  /// - Parameters:
  ///   - detections: Any order; boxes in one unit.
  ///   - threshold: The largest IoU that two kept detections of a class may have, 0...1.
  /// - Returns: The kept detections of all classes by falling confidence.
  package static func suppressed(_ detections: [Detection], threshold: Float) -> [Detection] {
    let order = detections.indices.sorted {
      let (first, second) = (detections[$0].confidence, detections[$1].confidence)
      return first != second ? first > second : $0 < $1
    }
    var kept: [Detection] = []
    var boxes: [Int: [Box]] = [:]
    for index in order {
      let detection = detections[index]
      let rivals = boxes[detection.classIndex] ?? []
      let repeats = rivals.contains {
        $0.intersectionOverUnion(with: detection.box) > threshold
      }
      if repeats { continue }
      boxes[detection.classIndex, default: []].append(detection.box)
      kept.append(detection)
    }
    return kept
  }
}
