package import Keypoints

/// A person that was found in an image.
package struct FoundPerson: Hashable, Sendable {
  /// Each keypoint of the layout once, in pixels of the picture.
  package var keypoints: [FoundKeypoint]
  /// How sure it is that there is such a person; persons of all images are ranked by it.
  package var score: Float

  /// A person; without a score of its own it is the mean of its keypoints'.
  package init(keypoints: [FoundKeypoint], score: Float? = nil) {
    self.keypoints = keypoints
    let sum = keypoints.reduce(Float(0)) { $0 + $1.score }
    self.score = score ?? (keypoints.isEmpty ? 0 : sum / Float(keypoints.count))
  }
}

/// The persons of an image: those that are annotated, and those that were found.
package struct ImagePersons: Hashable, Sendable {
  /// The image's id.
  package var id: String
  /// Who is annotated, also whom to ignore.
  package var truths: [KeypointTruth]
  /// Who was found, in any order.
  package var found: [FoundPerson]

  /// The persons of an image.
  package init(id: String, truths: [KeypointTruth], found: [FoundPerson]) {
    self.id = id
    self.truths = truths
    self.found = found
  }

  /// Persons that were looked for one by one, those of an image together, in the order of the images.
  package static func grouped(_ samples: [JudgedKeypoints]) -> [ImagePersons] {
    var places: [String: Int] = [:]
    var images: [ImagePersons] = []
    for sample in samples {
      let place = places[sample.image] ?? images.count
      if place == images.count {
        places[sample.image] = place
        images.append(ImagePersons(id: sample.image, truths: [], found: []))
      }
      images[place].truths.append(sample.truth)
      images[place].found.append(FoundPerson(keypoints: sample.found))
    }
    return images
  }
}
