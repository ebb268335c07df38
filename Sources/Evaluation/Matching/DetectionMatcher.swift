import Detection

/// Decides which detections are right, as the VOC development kit does.
///
/// Per class, most confident detection first (ties in image order, then file order): the detection
/// goes to the object of its class and image that it overlaps most, difficult objects included,
/// the first one if several overlap equally. If the IoU reaches the threshold, the detection is
/// ignored (difficult object), right (object not yet found) or wrong (found already); otherwise it
/// is wrong. No second-best object is tried. Overlaps count inclusive pixels on VOC's 1-based
/// corners. The defaults are the kit's rules; the options are those of other tools.
package struct DetectionMatcher: Sendable, Hashable {
  /// What becomes of objects flagged difficult.
  package enum DifficultRule: Sendable, Hashable {
    /// Detections of them are neither right nor wrong (VOC).
    case ignored
    /// They count like any object (tools that do not read the flag).
    case counted
    /// They are deleted, so that detections of them are wrong (tools that drop the labels).
    case removed
  }

  /// Whether an IoU equal to the threshold is enough.
  package enum Comparison: Sendable, Hashable {
    /// IoU ≥ threshold (VOC).
    case atLeast
    /// IoU > threshold (py-faster-rcnn and its descendants, darknet's `map`).
    case above
  }

  /// How the overlap of two boxes is measured.
  package enum Overlap: Sendable, Hashable {
    /// In pixels, the last one inside: a box is xmax − xmin + 1 wide (VOC).
    case inclusivePixels
    /// From corner to corner: a box is xmax − xmin wide, as labels made by `voc_label.py` have it and
    /// darknet's `map` compares with them.
    case cornerToCorner
  }

  /// Which of equally confident detections comes first.
  package enum Ties: Sendable, Hashable {
    /// The first in image and file order, as in a stable sort (VOC).
    case fileOrder
    /// The last.
    case reversed
  }

  /// The IoU that makes a detection right, 0...1.
  package var threshold: Double
  /// Whether the threshold itself is enough.
  package var comparison: Comparison
  /// What becomes of difficult objects.
  package var difficult: DifficultRule
  /// How the overlap of two boxes is measured.
  package var overlap: Overlap
  /// Which of equally confident detections comes first.
  package var ties: Ties

  /// A matcher; without arguments the VOC rules.
  package init(
    threshold: Double = 0.5, comparison: Comparison = .atLeast,
    difficult: DifficultRule = .ignored, overlap: Overlap = .inclusivePixels,
    ties: Ties = .fileOrder
  ) {
    self.threshold = threshold
    self.comparison = comparison
    self.difficult = difficult
    self.overlap = overlap
    self.ties = ties
  }

  /// The verdicts, per class, most confident detection first.
  ///
  /// Confidences must be finite and class indices in 0 ..< `classCount`.
  package func matches(in images: [EvaluatedImage], classCount: Int) -> [[DetectionMatch]] {
    let ranking = DetectionRanking(
      images, classCount: classCount, reversesTies: ties == .reversed)
    var objects = ObjectTable(images, overlap)
    return ranking.classes.indices.map { classIndex in
      ranking.classes[classIndex].map { entry in
        let image = Int(entry.image)
        let index = Int(entry.detection)
        let detection = images[image].detections[index]
        return match(
          detection, imageIndex: image, detectionIndex: index, objects: &objects)
      }
    }
  }

  /// The number of objects of each class that a detector should find.
  package func positiveCounts(in images: [EvaluatedImage], classCount: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: classCount)
    for image in images {
      for object in image.objects where difficult == .counted || !object.isDifficult {
        counts[object.classIndex] += 1
      }
    }
    return counts
  }

  private func match(
    _ detection: Detection, imageIndex: Int, detectionIndex: Int, objects: inout ObjectTable
  ) -> DetectionMatch {
    let corners = MatchedBox(detection.box, overlap)
    let first = objects.offsets[imageIndex]
    var best = -1
    var bestOverlap = 0.0
    for i in first..<objects.offsets[imageIndex + 1] {
      guard objects.rows[i].classIndex == detection.classIndex else { continue }
      if difficult == .removed && objects.rows[i].isDifficult { continue }
      let overlap = corners.overlap(with: objects.rows[i].corners)
      if overlap > bestOverlap {
        best = i
        bestOverlap = overlap
      }
    }
    let outcome: MatchOutcome
    if best < 0 || !reaches(bestOverlap) {
      outcome = .falsePositive
    } else if difficult == .ignored && objects.rows[best].isDifficult {
      outcome = .ignored
    } else if objects.rows[best].isFound {
      outcome = .falsePositive
    } else {
      objects.rows[best].isFound = true
      outcome = .truePositive
    }
    return DetectionMatch(
      imageIndex: imageIndex, detectionIndex: detectionIndex, confidence: detection.confidence,
      outcome: outcome, objectIndex: best < 0 ? nil : best - first, overlap: bestOverlap)
  }

  /// Whether an IoU is enough.
  func reaches(_ overlap: Double) -> Bool {
    comparison == .atLeast ? overlap >= threshold : overlap > threshold
  }
}

/// The objects of all images in one flat array.
private struct ObjectTable {
  struct Row {
    let corners: MatchedBox
    let classIndex: Int
    let isDifficult: Bool
    var isFound = false
  }

  var rows: [Row] = []
  /// Row numbers of image i: offsets[i] ..< offsets[i + 1].
  var offsets: [Int] = [0]

  init(_ images: [EvaluatedImage], _ overlap: DetectionMatcher.Overlap) {
    offsets.reserveCapacity(images.count + 1)
    for image in images {
      for object in image.objects {
        rows.append(
          Row(
            corners: MatchedBox(object.box, overlap), classIndex: object.classIndex,
            isDifficult: object.isDifficult))
      }
      offsets.append(rows.count)
    }
  }
}
