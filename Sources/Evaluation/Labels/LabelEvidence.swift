package import Detection
import Foundation
package import Geometry

/// What training and a Bayesian branch say about an object with a label, besides detections.
package struct ObjectDoubt: Hashable, Sendable {
  /// The training loss of the anchor that fits the object best: box, objectness and class.
  package var loss: Double
  /// The objectness of that anchor, 0...1.
  package var objectness: Float
  /// BALD of that objectness in bits; nil without a branch.
  package var bald: Float?

  /// What is said about an object.
  package init(loss: Double, objectness: Float, bald: Float? = nil) {
    self.loss = loss
    self.objectness = objectness
    self.bald = bald
  }
}

/// What a model has to say about a label, or about a place that has none.
///
/// Of an object with the label c, among detections that no other object explains (one of the same class
/// with an IoU of at least ½):
///
///     own    the largest confidence of class c with an IoU of ½ or more
///     near   the largest confidence of class c with an IoU of 0.1 to ½
///     other  the largest confidence of another class with an IoU of ½ or more
///
///     moved        near · (1 − own)
///     wrong class  other · (1 − own)
///     spurious     (1 − own) (1 − near) (1 − other)
///
/// A place is missing a label with the confidence of a detection that overlaps no object by ½ and speaks
/// of no better supported one of its class nearby; of detections of one place the most confident counts.
package struct LabelEvidence: Hashable, Sendable {
  /// Index of the image.
  package let image: Int
  /// Index of the object; nil: a place without a label.
  package let object: Int?
  /// The label's class; of a place that of the detection.
  package let classIndex: Int
  /// The label's box; of a place the detection's.
  package let box: Box
  /// Suspicion by detections, 0...1, of each kind that it can be.
  package let suspicions: [LabelErrorKind: Double]
  /// The detection that the largest suspicion comes from; nil: there is none.
  package let found: Detection?
  /// The other scores; those that nothing is known of are left out.
  package let scores: [SuspicionScore: Double]

  /// The kind of error that it is most likely to be.
  package var kind: LabelErrorKind {
    var best = object == nil ? LabelErrorKind.missing : .spurious
    // In a fixed order, so that ties do not depend on hashing.
    for kind in LabelErrorKind.allCases
    where suspicions[kind] ?? -1 > suspicions[best] ?? -1 { best = kind }
    return best
  }

  /// How likely by detections, 0...1.
  package var suspicion: Double { suspicions[kind] ?? 0 }

  /// The value of a score for a kind of error; nil where it is unknown.
  package func value(of score: SuspicionScore, kind: LabelErrorKind? = nil) -> Double? {
    score == .confidence ? kind.map { suspicions[$0] ?? 0 } ?? suspicion : scores[score]
  }

  private static let overlap: Float = 0.5
  private static let touch: Float = 0.1
  /// Of two detections that share more than this, the same place is meant.
  private static let repetition: Float = 0.45

  /// What is said about an image's labels.
  ///
  /// - Parameters:
  ///   - image: The image's objects and its detections down to a low confidence, repeats suppressed.
  ///   - index: Its number.
  ///   - doubts: One an object, nil where nothing is known; empty: of none.
  /// - Returns: Of every object that is not difficult, in their order, then of places without a label by
  ///   falling confidence.
  package static func of(
    _ image: EvaluatedImage, index: Int, doubts: [ObjectDoubt?] = []
  ) -> [LabelEvidence] {
    let overlaps = image.detections.map { detection in
      image.objects.map { $0.box.intersectionOverUnion(with: detection.box) }
    }
    // The object of its own class that a detection fits.
    let explained = image.detections.indices.map { place in
      image.objects.indices.filter {
        image.objects[$0].classIndex == image.detections[place].classIndex
          && overlaps[place][$0] >= overlap
      }.max { overlaps[place][$0] < overlaps[place][$1] }
    }
    func best(_ isMeant: (Int) -> Bool) -> Detection? {
      image.detections.indices.filter(isMeant).map { image.detections[$0] }
        .max { $0.confidence < $1.confidence }
    }
    func own(_ object: Int) -> Float {
      let label = image.objects[object].classIndex
      return best {
        image.detections[$0].classIndex == label && overlaps[$0][object] >= overlap
      }?.confidence ?? 0
    }
    let support = image.objects.indices.map(own)
    let ofObjects = image.objects.indices.compactMap { object -> LabelEvidence? in
      let label = image.objects[object]
      guard !label.isDifficult else { return nil }
      let near = best {
        explained[$0] == nil && image.detections[$0].classIndex == label.classIndex
          && (touch..<overlap).contains(overlaps[$0][object])
      }
      let other = best {
        explained[$0] == nil && image.detections[$0].classIndex != label.classIndex
          && overlaps[$0][object] >= overlap
      }
      let doubt = 1 - Double(support[object])
      let (moved, renamed) = (Double(near?.confidence ?? 0), Double(other?.confidence ?? 0))
      return LabelEvidence(
        image: index, object: object, classIndex: label.classIndex, box: label.box,
        suspicions: [
          .moved: moved * doubt, .wrongClass: renamed * doubt,
          .spurious: doubt * (1 - moved) * (1 - renamed),
        ], found: moved > renamed ? near : other,
        scores: scores(doubts.isEmpty ? nil : doubts[object]))
    }
    var places: [Detection] = []
    let order = image.detections.indices.sorted {
      let (a, b) = (image.detections[$0].confidence, image.detections[$1].confidence)
      return a != b ? a > b : $0 < $1
    }
    for place in order {
      let detection = image.detections[place]
      let isFree = image.objects.indices.allSatisfy { object in
        if overlaps[place][object] >= overlap { return false }
        guard overlaps[place][object] >= touch,
          image.objects[object].classIndex == detection.classIndex
        else { return true }
        return support[object] >= detection.confidence
      }
      guard isFree,
        places.allSatisfy({ $0.box.intersectionOverUnion(with: detection.box) <= repetition })
      else { continue }
      places.append(detection)
    }
    return ofObjects + places.map { LabelEvidence($0, image: index) }
  }

  private init(
    image: Int, object: Int?, classIndex: Int, box: Box, suspicions: [LabelErrorKind: Double],
    found: Detection?, scores: [SuspicionScore: Double]
  ) {
    self.image = image
    self.object = object
    self.classIndex = classIndex
    self.box = box
    self.suspicions = suspicions
    self.found = found
    self.scores = scores
  }

  /// A place without a label.
  private init(_ detection: Detection, image: Int) {
    var scores: [SuspicionScore: Double] = [:]
    // Largest objectness below 1 that a Float can say.
    scores[.loss] = -log(1 - Double(min(detection.objectness, 1 - 6e-8)))
    if let bald = detection.uncertainty?.bald {
      scores[.bald] = Double(bald)
      scores[.difficulty] = Self.difficulty(bald, isCorrect: detection.objectness <= 0.5)
    }
    self.init(
      image: image, object: nil, classIndex: detection.classIndex, box: detection.box,
      suspicions: [.missing: Double(detection.confidence)], found: detection, scores: scores)
  }

  private static func scores(_ doubt: ObjectDoubt?) -> [SuspicionScore: Double] {
    guard let doubt else { return [:] }
    var scores: [SuspicionScore: Double] = [.loss: doubt.loss]
    if let bald = doubt.bald {
      scores[.bald] = Double(bald)
      scores[.difficulty] = difficulty(bald, isCorrect: doubt.objectness > 0.5)
    }
    return scores
  }

  /// D by the paper's map of bits: U / 2 of what is right, (1 − U) / 2 + ½ of what is wrong.
  private static func difficulty(_ bald: Float, isCorrect: Bool) -> Double {
    let u = 1 / (1 + exp(-Double(bald)))
    return isCorrect ? u / 2 : (1 - u) / 2 + 0.5
  }
}
