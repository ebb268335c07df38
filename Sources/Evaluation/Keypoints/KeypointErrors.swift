import Geometry
package import Keypoints

/// How far the found keypoints of persons lie from the annotated ones.
///
/// Only annotated keypoints are looked at, whether they can be seen or not; persons that the annotation
/// says to ignore are left out.
package struct KeypointErrors: Sendable {
  /// One annotated keypoint.
  package struct Entry: Hashable, Sendable {
    /// Index of the person.
    package let sample: Int
    /// Index of the image.
    package let image: Int
    /// Which of the layout's keypoints.
    package let joint: Int
    /// Between the found and the annotated place, pixels of the picture.
    package let distance: Double
    /// The same over the person's reference length; nil without one.
    package let relative: Double?
  }

  /// What the distances were divided by.
  package let reference: KeypointReference
  /// Persons whose reference is shorter have none, pixels.
  package let minimumLength: Double
  /// What the keypoints are.
  package let layout: KeypointLayout
  /// The number of images, also those without an annotated keypoint.
  package let imageCount: Int
  /// The number of persons, those to ignore included.
  package let sampleCount: Int
  /// The annotated keypoints, person after person, by ascending index.
  package let entries: [Entry]
  /// Persons that the annotation says to ignore.
  package let ignoredCount: Int
  /// Persons whose reference the annotation does not say, or says to be 0.
  package let withoutReferenceCount: Int
  /// Persons whose reference is shorter than ``minimumLength``.
  package let shortCount: Int

  /// Measures distances.
  ///
  /// - Parameters:
  ///   - samples: Persons, at least one, all with one layout.
  ///   - reference: What distances are divided by.
  ///   - minimumLength: Persons whose reference is shorter have none, pixels.
  ///   - leftOut: Keypoints that are not judged.
  /// - Throws: ``EvaluationError`` if keypoints are missing, twice or of another layout, for NaN and
  ///   infinity, and if the layout lacks the ends of the reference.
  package init(
    _ samples: [JudgedKeypoints], reference: KeypointReference, minimumLength: Double = 0,
    leavingOut leftOut: Set<Int> = []
  ) throws {
    let images = try JudgedImages(samples, ofPersons: true)
    let measure = try reference.measure(in: images.layout)
    var entries: [Entry] = []
    var counts = (ignored: 0, without: 0, short: 0)
    for (index, sample) in samples.enumerated() {
      guard !sample.truth.sizes.isIgnored else {
        counts.ignored += 1
        continue
      }
      var length = measure.length(of: sample)
      if let known = length {
        if known < minimumLength {
          counts.short += 1
          length = nil
        }
      } else {
        counts.without += 1
      }
      var places = [Point](repeating: Point(0, 0), count: images.layout.count)
      for keypoint in sample.found { places[keypoint.index] = keypoint.position }
      let points = sample.truth.points.filter { !leftOut.contains($0.index) }
      for point in points.sorted(by: { $0.index < $1.index }) {
        let distance = point.position.distance(to: places[point.index])
        entries.append(
          Entry(
            sample: index, image: images.images[index], joint: point.index, distance: distance,
            relative: length.map { distance / $0 }))
      }
    }
    self.reference = reference
    self.minimumLength = minimumLength
    layout = images.layout
    imageCount = images.count
    sampleCount = samples.count
    self.entries = entries
    (ignoredCount, withoutReferenceCount, shortCount) = counts
  }
}

/// Which errors are right.
package enum KeypointBound: String, Hashable, Sendable {
  /// Errors up to the threshold and equal to it.
  case atMost
  /// Errors below the threshold.
  case below

  /// Whether an error is small enough.
  func holds(_ error: Double, _ threshold: Double) -> Bool {
    self == .atMost ? error <= threshold : error < threshold
  }

  /// As a sign.
  package var sign: String { self == .atMost ? "≤" : "<" }
}
