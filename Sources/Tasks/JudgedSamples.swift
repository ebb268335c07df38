package import Datasets

/// What came of running over samples: an element for every image that could be read.
package struct JudgedSamples<Element> {
  /// In the samples' order.
  package var images: [Element]
  /// Which sample each of them is.
  package let indices: [Int]
  /// The images that could not be read and are left out.
  package let leftOut: [DataProblem]
  /// The images that were used though their decoder warned.
  package let notes: [DataProblem]

  /// Elements and the places of their samples, as many of each.
  package init(images: [Element], indices: [Int], leftOut: [DataProblem], notes: [DataProblem]) {
    precondition(images.count == indices.count, "\(images.count) images, \(indices.count) places")
    self.images = images
    self.indices = indices
    self.leftOut = leftOut
    self.notes = notes
  }

  /// The same with other elements.
  package func map<Other>(_ transform: (Element) -> Other) -> JudgedSamples<Other> {
    JudgedSamples<Other>(
      images: images.map(transform), indices: indices, leftOut: leftOut, notes: notes)
  }
}
