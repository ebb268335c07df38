import Detection
import Evaluation
import Foundation
import Geometry
import TestSupport

/// A detection from VOC corners.
func found(
  _ confidence: Float, _ xMin: Float, _ yMin: Float, _ xMax: Float, _ yMax: Float,
  classIndex: Int = 0
) -> Detection {
  Detection(
    box: Box(vocXMin: xMin, yMin: yMin, xMax: xMax, yMax: yMax), classIndex: classIndex,
    confidence: confidence, objectness: confidence)
}

/// An object from VOC corners.
func object(
  _ xMin: Float, _ yMin: Float, _ xMax: Float, _ yMax: Float, classIndex: Int = 0,
  difficult: Bool = false
) -> GroundTruth {
  GroundTruth(
    box: Box(vocXMin: xMin, yMin: yMin, xMax: xMax, yMax: yMax), classIndex: classIndex,
    isDifficult: difficult)
}

/// Whether a value exists and is within a tolerance.
func isClose(_ value: Double?, _ expected: Double, _ tolerance: Double) -> Bool {
  guard let value else { return false }
  return abs(value - expected) <= tolerance
}

/// The verdicts on one image's detections of class 0, most confident first.
func outcomes(
  _ objects: [GroundTruth], _ detections: [Detection],
  matcher: DetectionMatcher = DetectionMatcher()
) -> [MatchOutcome] {
  let image = EvaluatedImage(id: "a", objects: objects, detections: detections)
  return matcher.matches(in: [image], classCount: 1)[0].map(\.outcome)
}

/// Images with objects and detections, mostly shaken copies of the objects.
func randomImages(
  images: Int, objects: Int, detections: Int, classes: Int, seed: UInt64, distinct: Bool = true
) -> [EvaluatedImage] {
  var generator = SystemRandomNumberGeneratorWithSeed(seed: seed)
  var result: [EvaluatedImage] = []
  var order = Array(0..<(images * detections))
  order.shuffle(using: &generator)
  for image in 0..<images {
    let truths = (0..<objects).map { _ in
      let x = Float(Int.random(in: 1...200, using: &generator))
      let y = Float(Int.random(in: 1...200, using: &generator))
      return object(
        x, y, x + Float(Int.random(in: 5...90, using: &generator)),
        y + Float(Int.random(in: 5...90, using: &generator)),
        classIndex: Int.random(in: 0..<classes, using: &generator),
        difficult: Int.random(in: 0..<6, using: &generator) == 0)
    }
    let hits = (0..<detections).map { number in
      let truth = truths[Int.random(in: 0..<objects, using: &generator)]
      let shift = Float(Int.random(in: -12...12, using: &generator))
      let rank = order[image * detections + number]
      let confidence =
        distinct ? Float(rank) / Float(order.count) : Float(rank % 7) / 8
      return Detection(
        box: truth.box.transformed(scaleX: 1, scaleY: 1, offsetX: shift, offsetY: shift / 2),
        classIndex: truth.classIndex, confidence: confidence, objectness: confidence)
    }
    result.append(EvaluatedImage(id: "\(image)", objects: truths, detections: hits))
  }
  return result
}

/// The whitespace-separated fields of a text file's lines, without empty lines.
func fields(_ url: URL) throws -> [[String]] {
  try String(contentsOf: url, encoding: .utf8).split(whereSeparator: \.isNewline)
    .map { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
    .filter { !$0.isEmpty }
}

/// The files of a folder in order of name.
func sortedFiles(_ folder: URL) throws -> [URL] {
  try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    .sorted { $0.lastPathComponent < $1.lastPathComponent }
}
