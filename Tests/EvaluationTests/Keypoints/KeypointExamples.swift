import Evaluation
import Geometry
import Keypoints

/// A body of four joints: two shoulders and two hips.
func smallBody(deviations: [Double]? = nil) throws -> KeypointLayout {
  try KeypointLayout(
    names: ["left shoulder", "right shoulder", "left hip", "right hip"], pairs: [(0, 1), (2, 3)],
    deviations: deviations)
}

/// The four joints at the corners of a rectangle of 6 by 8 pixels, so that the torso is 10 long.
let corners = [Point(10, 10), Point(16, 10), Point(10, 18), Point(16, 18)]

/// A person whose joints were found so many pixels to the right of the corners.
func person(
  _ id: String, image: String? = nil, layout: KeypointLayout, errors: [Double],
  labelled: [Int] = [0, 1, 2, 3], sizes: ReferenceSizes = ReferenceSizes(),
  scores: [Float] = [0.9, 0.8, 0.7, 0.6], doubts: [KeypointDoubt]? = nil, size: PixelSize? = nil
) -> JudgedKeypoints {
  JudgedKeypoints(
    id: id, image: image,
    truth: KeypointTruth(
      layout: layout,
      points: labelled.map { LabelledKeypoint(index: $0, position: corners[$0]) }, sizes: sizes),
    found: errors.enumerated().map { index, error in
      FoundKeypoint(
        index: index, position: Point(corners[index].x + error, corners[index].y),
        score: scores[index], doubt: doubts?[index])
    }, size: size)
}

/// An image with the centres of objects of one kind and peaks, each with its score.
func peaks(
  _ image: String, truths: [(Double, Double)], found: [(Double, Double, Float)],
  layout: KeypointLayout, scale: Double = 1
) -> JudgedKeypoints {
  JudgedKeypoints(
    id: image,
    truth: KeypointTruth(
      layout: layout,
      points: truths.map { LabelledKeypoint(index: 0, position: Point($0.0, $0.1)) }),
    found: found.map { FoundKeypoint(index: 0, position: Point($0.0, $0.1), score: $0.2) },
    scale: scale)
}
