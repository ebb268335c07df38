/// A loss that enlarges the variance where the objectness is wrong and lowers it where it is
/// trivially right.
///
/// For each image, with U the uncertainty of ``BALD``:
///
///     L = η · (mean of U over true negatives − mean of U over false positives and false negatives)
///
/// Its gradient goes into σ² alone: μ is what the objectness loss is for.
package struct VarianceObjective: Hashable, Sendable {
  /// η ≥ 0.
  package var weight: Float
  /// How uncertainty is computed: the closed form.
  package var bald: BALD

  /// The objective with weight η.
  package init(weight: Float, bald: BALD = BALD()) {
    self.weight = weight
    self.bald = bald
  }

  /// The loss of a batch, and its gradient.
  ///
  /// - Parameters:
  ///   - means: μ of each unit, image after image.
  ///   - variances: σ², likewise.
  ///   - isWrong: Whether the unit counts and its decision is wrong, likewise.
  ///   - isEasy: Whether it is trivially right, as a true negative is; likewise.
  ///   - imageCount: Images; each has as many units.
  ///   - gradient: dL/dσ² is added to it.
  /// - Returns: The sum over the images.
  /// - Throws: ``UncertaintyError``.
  package func evaluate(
    means: [Float], variances: [Float], isWrong: [Bool], isEasy: [Bool], imageCount: Int,
    addingTo gradient: UnsafeMutableBufferPointer<Float>
  ) throws -> Double {
    precondition(
      [variances.count, isWrong.count, isEasy.count, gradient.count].allSatisfy {
        $0 == means.count && $0 % imageCount == 0
      }, "counts differ")
    let size = means.count / imageCount
    var loss = 0.0
    for image in 0..<imageCount {
      let units = image * size..<(image + 1) * size
      let wrong = units.filter { isWrong[$0] }
      let easy = units.filter { isEasy[$0] }
      for (group, sign) in [(wrong, -weight), (easy, weight)] where !group.isEmpty {
        let factor = sign / Float(group.count)
        for i in group {
          let moments = LogitMoments(mean: means[i], variance: variances[i])
          try moments.validate(index: i)
          loss += Double(factor * (try bald.uncertainty(moments)))
          gradient[i] += factor * (try bald.gradient(moments).variance)
        }
      }
    }
    return loss
  }
}
