import Evaluation

/// What was fitted to, or chosen on, the images of an evaluation and is kept in a file: by one rule it is
/// allowed, and takes the place of an older one.
struct FittedFile {
  /// What it is, for people: `a map fitted`, `thresholds chosen`.
  let what: String
  /// Ids of the images that it is of.
  let imageIDs: [String]

  /// Refuses images that the model was trained on.
  ///
  /// - Parameters:
  ///   - overlap: What the model's run knows of the images.
  ///   - consequence: What they would do; ends the first half of the sentence.
  ///   - isAllowed: Whether they may be used all the same.
  /// - Throws: ``UsageError``.
  static func check(
    _ overlap: KnownImages.Overlap, _ consequence: String, isAllowed: Bool
  ) throws {
    guard overlap.trained > 0, !isAllowed else { return }
    throw UsageError(
      "\(overlap.trained) of these \(overlap.images) images were trained on: \(consequence); give other"
        + " images, or --allow-training-images")
  }

  /// Makes sure that this does not take the place of something better, which is what is of fewer
  /// training images, or else of more images.
  ///
  /// - Parameters:
  ///   - old: What is at `path`; nil for nothing.
  ///   - path: The file.
  ///   - known: What the model's run knows; nil for a model that is no run.
  ///   - overlap: How many of this one's images it knows.
  ///   - overwrites: Whether it takes the place all the same.
  /// - Returns: What is replaced, for people; nil for nothing.
  /// - Throws: ``UsageError`` for what is better.
  func replacing(
    _ old: FittedFile?, at path: String, known: KnownImages?, overlap: KnownImages.Overlap,
    overwrites: Bool
  ) throws -> String? {
    guard let old else { return nil }
    func trainedText(_ count: Int) -> String { count > 0 ? ", \(count) of them trained on" : "" }
    let trained = known?.trainedCount(of: old.imageIDs) ?? 0
    let isBetter =
      trained < overlap.trained
      || trained == overlap.trained && old.imageIDs.count > imageIDs.count
    let text =
      "\(path): \(old.what) on \(old.imageIDs.count) images" + trainedText(trained)
    if isBetter, !overwrites {
      throw UsageError(
        text + ", better than the new, of \(imageIDs.count) images" + trainedText(overlap.trained)
          + "; --overwrite replaces it")
    }
    return text
  }
}
