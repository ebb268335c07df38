package import Geometry
package import Keypoints

/// The annotated keypoints of a person, or of all objects of an image, and what was found of them.
package struct JudgedKeypoints: Hashable, Sendable {
  /// What messages and tables call it.
  package var id: String
  /// The image's id; persons of one image depend on each other and are resampled together.
  package var image: String
  /// What is annotated, in pixels of the picture.
  package var truth: KeypointTruth
  /// What was found, in pixels of the picture, in any order: of a person each keypoint of the layout
  /// once, of objects any number.
  package var found: [FoundKeypoint]
  /// The picture's size; nil where nothing says it.
  package var size: PixelSize?
  /// Pixels of the picture for one pixel of the network's input: what radii of peaks are multiplied by.
  package var scale: Double

  /// Keypoints to judge.
  ///
  /// - Parameters:
  ///   - id: What messages call it.
  ///   - image: The image's id; nil: there is one person in each image, and the id is the image's.
  ///   - truth: What is annotated.
  ///   - found: What was found.
  ///   - size: The picture's size.
  ///   - scale: Pixels of the picture for one of the network's input, above 0.
  package init(
    id: String, image: String? = nil, truth: KeypointTruth, found: [FoundKeypoint],
    size: PixelSize? = nil, scale: Double = 1
  ) {
    self.id = id
    self.image = image ?? id
    self.truth = truth
    self.found = found
    self.size = size
    self.scale = scale
  }
}

/// Persons or objects with one layout, and the images that they are in.
struct JudgedImages {
  /// What the keypoints are.
  let layout: KeypointLayout
  /// For each sample the index of its image, counted by first appearance.
  let images: [Int]
  /// How many images there are.
  let count: Int

  /// Checks samples and numbers their images.
  ///
  /// - Parameters:
  ///   - samples: What is judged, at least one.
  ///   - ofPersons: Whether each keypoint of the layout must be found once and annotated once at most.
  /// - Throws: ``EvaluationError`` if there are none, if layouts differ, keypoints are missing, twice or
  ///   unknown, or a number is NaN or infinite.
  init(_ samples: [JudgedKeypoints], ofPersons: Bool) throws {
    guard let layout = samples.first?.truth.layout else { throw EvaluationError.noKeypoints }
    var places: [String: Int] = [:]
    var images: [Int] = []
    for sample in samples {
      try sample.validate(layout, ofPersons: ofPersons)
      let image = places[sample.image] ?? places.count
      places[sample.image] = image
      images.append(image)
    }
    self.layout = layout
    self.images = images
    count = places.count
  }
}

extension JudgedKeypoints {
  fileprivate func validate(_ layout: KeypointLayout, ofPersons: Bool) throws {
    guard truth.layout.names == layout.names else { throw EvaluationError.otherLayout(sample: id) }
    let annotated = truth.points.map(\.index)
    let answered = found.map(\.index)
    for index in annotated + answered where !layout.names.indices.contains(index) {
      throw EvaluationError.noKeypoint(index, count: layout.count, sample: id)
    }
    guard truth.points.allSatisfy(\.position.isFinite) else {
      throw EvaluationError.notFinite("an annotated keypoint", image: id)
    }
    guard found.allSatisfy(\.isFinite) else {
      throw EvaluationError.notFinite("a found keypoint", image: id)
    }
    guard scale > 0, scale.isFinite else {
      throw EvaluationError.notFinite("the scale of the picture", image: id)
    }
    guard ofPersons else { return }
    guard answered.count == layout.count else {
      throw EvaluationError.keypointCount(answered.count, of: layout.count, sample: id)
    }
    for indices in [annotated, answered] {
      var seen: Set<Int> = []
      if let twice = indices.first(where: { !seen.insert($0).inserted }) {
        throw EvaluationError.keypointTwice(layout.names[twice], sample: id)
      }
    }
  }
}

extension FoundKeypoint {
  /// Whether neither place nor score nor doubt is NaN or infinite.
  var isFinite: Bool {
    guard position.isFinite, score.isFinite else { return false }
    let scores = KeypointDoubt.ofMaps + KeypointDoubt.ofBranches
    return scores.allSatisfy { doubt?.value(of: $0)?.isFinite ?? true }
  }
}
