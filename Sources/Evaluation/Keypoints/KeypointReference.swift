import Geometry
import Keypoints

/// What the distance between a found keypoint and the annotated one is divided by.
package enum KeypointReference: Hashable, Sendable {
  /// From the left shoulder to the right hip, as annotated: LSP's.
  case torso
  /// The size of the head that the annotation says: MPII's, .6 of the diagonal of the head's box.
  case head
  /// The longer side of the object's box.
  case boxSide
  /// The diagonal of the object's box.
  case boxDiagonal
  /// The diagonal of the picture.
  case imageDiagonal
  /// From one annotated keypoint to another, by name, such as the outer corners of the eyes.
  case between(String, String)
  /// So many pixels of the picture, above 0.
  case pixels(Double)

  /// The reference that a text names; nil for any other text.
  ///
  /// - Parameter text: `torso`, `head`, `box`, `box-diagonal`, `image-diagonal`, a number of pixels or
  ///   two names with a colon between them.
  package init?(_ text: String) {
    switch text {
    case "torso": self = .torso
    case "head": self = .head
    case "box": self = .boxSide
    case "box-diagonal": self = .boxDiagonal
    case "image-diagonal": self = .imageDiagonal
    default:
      if let pixels = Double(text) {
        guard pixels > 0, pixels.isFinite else { return nil }
        self = .pixels(pixels)
        return
      }
      let names = text.split(separator: ":", omittingEmptySubsequences: false)
      guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty else { return nil }
      self = .between(String(names[0]), String(names[1]))
    }
  }

  /// In words.
  package var title: String {
    switch self {
    case .torso: "torso (left shoulder to right hip)"
    case .head: "head size"
    case .boxSide: "longer side of the box"
    case .boxDiagonal: "diagonal of the box"
    case .imageDiagonal: "diagonal of the picture"
    case .between(let first, let second): "\(first) to \(second)"
    case .pixels(let count): "\(count) pixels"
    }
  }

  /// The metric that divides by it: PCKh for heads.
  package var metric: String { self == .head ? "pckh" : "pck" }

  /// How a layout's lengths are measured.
  ///
  /// - Throws: ``EvaluationError/noReference(_:reason:)`` if the layout lacks the keypoints.
  func measure(in layout: KeypointLayout) throws -> LengthMeasure {
    let ends: (Int?, Int?)
    switch self {
    case .torso:
      ends = (BodyPart.leftShoulder.index(in: layout), BodyPart.rightHip.index(in: layout))
    case .between(let first, let second):
      ends = (layout.names.firstIndex(of: first), layout.names.firstIndex(of: second))
    default: return LengthMeasure(reference: self, ends: nil)
    }
    guard let first = ends.0, let second = ends.1, first != second else {
      throw EvaluationError.noReference(
        title, reason: "the keypoints are called " + layout.names.joined(separator: ", "))
    }
    return LengthMeasure(reference: self, ends: (first, second))
  }
}

/// Lengths of annotated persons by one reference.
struct LengthMeasure {
  let reference: KeypointReference
  let ends: (Int, Int)?

  /// The length of a person in pixels of the picture; nil if the annotation does not say it, or if it is
  /// not above 0.
  func length(of sample: JudgedKeypoints) -> Double? {
    guard let length = unchecked(sample), length > 0, length.isFinite else { return nil }
    return length
  }

  private func unchecked(_ sample: JudgedKeypoints) -> Double? {
    let sizes = sample.truth.sizes
    switch reference {
    case .torso, .between:
      guard let ends, let first = sample.truth[ends.0], let second = sample.truth[ends.1] else {
        return nil
      }
      return first.position.distance(to: second.position)
    case .head: return sizes.head
    case .boxSide: return sizes.box.map { Double(max($0.width, $0.height)) }
    case .boxDiagonal:
      return sizes.box.map { Self.diagonal(Double($0.width), Double($0.height)) }
    case .imageDiagonal:
      return sample.size.map { Self.diagonal(Double($0.width), Double($0.height)) }
    case .pixels(let count): return count
    }
  }

  private static func diagonal(_ width: Double, _ height: Double) -> Double {
    Point(0, 0).distance(to: Point(width, height))
  }
}
