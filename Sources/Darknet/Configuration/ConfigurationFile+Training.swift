import Detection

extension GaussianHead {
  /// Why it is not trained, and what is instead.
  package static let notTrained =
    "[Gaussian_yolo] is read to detect and is not trained: Darknet's rule for its deviations is the likelihood of "
    + "no density; train a [yolo] head with --place gaussian, which learns proper variances of boxes"
}

extension ConfigurationFile {
  /// Refuses a cfg whose heads can only be read.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)`` for a `[Gaussian_yolo]`, with what to write in its
  ///   place.
  package func checkTrainable() throws(DarknetError) {
    guard let section = sections.first(where: { $0.name == "Gaussian_yolo" }) else { return }
    let head = try HeadReader(section).head()
    let filters = head.anchorCount * HeadLayout.plain.count(classCount: head.classCount)
    throw section.error(
      GaussianHead.notTrained
        + " (its [convolutional] has filters=\(filters), and yolo_point= and uc_normalizer= are left "
        + "out)")
  }
}
