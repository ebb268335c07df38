import Files
package import Foundation

/// Makes a classifier more or less sure by one number (Guo and others 2017, arXiv:1706.04599).
///
///     q = softmax(log p / T)
///
/// T > 1 makes them less sure. The order of the classes stays.
package struct TemperatureScaling: Hashable, Sendable, Codable {
  /// T, between ``range``.
  package let temperature: Double
  /// The images that it was fitted on.
  package let imageIDs: [String]
  /// NLL and ECE of held-out fifths, before and after, each fitted on the other four.
  package let trial: Trial

  /// What fitting changes on images that it was not fitted on.
  package struct Trial: Hashable, Sendable, Codable {
    /// −mean log p in nats.
    package let negativeLogLikelihood: Double
    /// The same afterwards.
    package let scaledNegativeLogLikelihood: Double
    /// ECE in 15 bins, 0...1.
    package let calibrationError: Double
    /// The same afterwards.
    package let scaledCalibrationError: Double

    /// For people.
    package var text: String {
      String(
        format: "ECE %.1f to %.1f %%, NLL %.3f to %.3f", 100 * calibrationError,
        100 * scaledCalibrationError, negativeLogLikelihood, scaledNegativeLogLikelihood)
    }
  }

  /// For people.
  package var text: String { String(format: "temperature %.3f", temperature) }

  /// Where T is looked for.
  package static let range = 0.05...20.0
  private static let foldCount = 5

  /// Fits T, which minimises the NLL, to images; at least five.
  package init(_ images: [ClassifiedImage], ids: [String]) {
    precondition(images.count == ids.count && images.count >= Self.foldCount, "too few images")
    temperature = Self.fitted(images)
    imageIDs = ids
    var scaled: [ClassifiedImage] = []
    var plain: [ClassifiedImage] = []
    for fold in 0..<Self.foldCount {
      let others = images.indices.filter { $0 % Self.foldCount != fold }.map { images[$0] }
      let held = images.indices.filter { $0 % Self.foldCount == fold }.map { images[$0] }
      let temperature = Self.fitted(others)
      plain += held
      scaled += held.map { Self.scaled($0, by: temperature) }
    }
    let names = (0..<images[0].probabilities.count).map(String.init)
    let before = ClassificationScores(plain, classNames: names)
    let after = ClassificationScores(scaled, classNames: names)
    trial = Trial(
      negativeLogLikelihood: before[.nll] ?? 0, scaledNegativeLogLikelihood: after[.nll] ?? 0,
      calibrationError: before[.ece15] ?? 0, scaledCalibrationError: after[.ece15] ?? 0)
  }

  /// Reads a file that ``write(to:)`` made.
  ///
  /// - Throws: ``FileError`` for a file that cannot be read or holds something else.
  package init(contentsOf file: URL) throws {
    guard let data = FileManager.default.contents(atPath: file.path) else {
      throw FileError(path: file.relativePath, reason: "cannot be read")
    }
    self = try JSONProblem.decoding(data, file: file.lastPathComponent)
    guard Self.range.contains(temperature) else {
      throw FileError(
        path: file.path, reason: "temperature \(temperature) is outside \(Self.range)")
    }
  }

  /// Writes it as JSON.
  ///
  /// - Throws: ``FileError``.
  package func write(to path: String) throws { try JSONFile.write(self, to: path) }

  /// An image with scaled probabilities; the model's own uncertainty stays.
  package func applied(to image: ClassifiedImage) -> ClassifiedImage {
    Self.scaled(image, by: temperature)
  }

  /// Scaled probabilities.
  package func applied(to probabilities: [Float]) -> [Float] {
    Self.scaled(probabilities, by: temperature)
  }

  private static func scaled(
    _ image: ClassifiedImage, by temperature: Double
  ) -> ClassifiedImage {
    ClassifiedImage(
      probabilities: scaled(image.probabilities, by: temperature), label: image.label,
      uncertainties: image.uncertainties)
  }

  private static func scaled(_ probabilities: [Float], by temperature: Double) -> [Float] {
    let logits = probabilities.map { log(Double(max($0, .leastNormalMagnitude))) / temperature }
    let largest = logits.max() ?? 0
    let powers = logits.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { Float($0 / sum) }
  }

  /// The T of the smallest NLL, by golden sections of log T; the NLL is convex in 1 / T.
  private static func fitted(_ images: [ClassifiedImage]) -> Double {
    let logits = images.map { image in
      image.probabilities.map { log(Double(max($0, .leastNormalMagnitude))) }
    }
    func loss(_ logTemperature: Double) -> Double {
      let scale = exp(-logTemperature)
      return zip(logits, images).reduce(0) { sum, pair in
        let largest = pair.0.max() ?? 0
        let total = pair.0.reduce(0) { $0 + exp(scale * ($1 - largest)) }
        return sum + log(total) - scale * (pair.0[pair.1.label] - largest)
      }
    }
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (log(range.lowerBound), log(range.upperBound))
    var (a, b) = (high - ratio * (high - low), low + ratio * (high - low))
    var (lossA, lossB) = (loss(a), loss(b))
    while high - low > 1e-4 {
      if lossA < lossB {
        (high, b, lossB) = (b, a, lossA)
        a = high - ratio * (high - low)
        lossA = loss(a)
      } else {
        (low, a, lossA) = (a, b, lossB)
        b = low + ratio * (high - low)
        lossB = loss(b)
      }
    }
    return exp((low + high) / 2)
  }
}
