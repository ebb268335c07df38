package import Compute
import Foundation

/// A disturbance of a picture, in steps from none to severe, to ask how far a detector can be trusted on
/// pictures unlike those it was trained on (after Hendrycks and Dietterich 2019, arXiv 1903.12261, with
/// steps of its own).
///
/// | kind | what is done | 1 | 2 | 3 | 4 | 5 |
/// |---|---|---|---|---|---|---|
/// | noise | adds a normal number per value, σ of 255 | 10 | 20 | 35 | 50 | 70 |
/// | blur | Gaussian, σ in pixels of the picture | 1 | 2 | 3 | 4.5 | 6 |
/// | contrast | m + f · (x − m), m the channel's mean, factor f | .75 | .6 | .45 | .3 | .15 |
/// | jpeg | compression, quality of 100 | 50 | 30 | 20 | 10 | 5 |
/// | light-jpeg | the same for pictures of few pixels | 95 | 90 | 85 | 75 | 50 |
/// | brightness | adds an offset, of 255 | 20 | 40 | 60 | 80 | 100 |
///
/// Values are rounded and cut off at 0 and 255; severity 0 changes nothing. The size stays.
package struct ImageCorruption: Hashable, Sendable {
  /// What is done to a picture.
  package enum Kind: String, CaseIterable, Hashable, Sendable, Codable {
    /// Independent normal noise on every value.
    case noise
    /// A Gaussian blur; beyond the edges the outermost pixels go on.
    case blur
    /// Less contrast around the mean of each channel.
    case contrast
    /// JPEG compression with halved colour resolution.
    case jpeg
    /// More light.
    case brightness
    /// JPEG compression as pictures of some tens of pixels still bear it.
    case lightJPEG = "light-jpeg"

    /// Those that suit photos.
    package static let ofPhotos: [Kind] = [.noise, .blur, .contrast, .jpeg, .brightness]

    /// What the parameter is called, with its unit.
    package var parameterName: String {
      switch self {
      case .noise: "sigma of 255"
      case .blur: "sigma in pixels"
      case .contrast: "factor"
      case .jpeg, .lightJPEG: "quality"
      case .brightness: "offset of 255"
      }
    }

    /// The parameter of severities 1...5.
    fileprivate var parameters: [Float] {
      switch self {
      case .noise: [10, 20, 35, 50, 70]
      case .blur: [1, 2, 3, 4.5, 6]
      case .contrast: [0.75, 0.6, 0.45, 0.3, 0.15]
      case .jpeg: [50, 30, 20, 10, 5]
      case .brightness: [20, 40, 60, 80, 100]
      case .lightJPEG: [95, 90, 85, 75, 50]
      }
    }
  }

  /// The severities that there are.
  package static let severities = 0...5

  /// What is done.
  package let kind: Kind
  /// How much of it, 0...5.
  package let severity: Int

  /// A disturbance; `severity` is 0...5.
  package init(_ kind: Kind, severity: Int) {
    precondition(Self.severities.contains(severity), "severity \(severity)")
    self.kind = kind
    self.severity = severity
  }

  /// The number behind the severity, in the unit of ``Kind/parameterName``; nil for severity 0.
  package var parameter: Float? { severity == 0 ? nil : kind.parameters[severity - 1] }

  /// The disturbed picture.
  ///
  /// - Parameters:
  ///   - image: The picture.
  ///   - random: Chooses the noise; the same stream gives the same one, at every severity.
  ///   - file: The picture's name for errors.
  /// - Returns: A picture of the same size.
  /// - Throws: ``ImageError/unwritable(file:reason:)`` for a picture too large for a JPEG.
  package func applied(
    to image: Image, using random: RandomStream, file: String = "picture"
  ) throws -> Image {
    guard let parameter else { return image }
    switch kind {
    case .noise:
      var random = random
      return image.mapped { Float($0) + parameter * random.normal() }
    case .blur: return GaussianBlur(sigma: parameter).applied(to: image)
    case .contrast:
      let means = image.channelMeans
      var channel = 0
      return image.mapped {
        defer { channel = channel == 2 ? 0 : channel + 1 }
        return means[channel] + parameter * (Float($0) - means[channel])
      }
    case .jpeg, .lightJPEG:
      let bytes = try JPEGEncoder.encode(image, quality: Int(parameter), file: file)
      return try JPEGDecoder(bytes, file: file).decode().image
    case .brightness: return image.mapped { Float($0) + parameter }
    }
  }
}

extension Image {
  /// The picture with every value replaced, in memory's order; results are rounded and cut off.
  fileprivate func mapped(_ transform: (UInt8) -> Float) -> Image {
    Image(width: width, height: height, pixels: pixels.map { UInt8(clamped: transform($0)) })
  }

  /// The mean red, green and blue, 0...255.
  fileprivate var channelMeans: [Float] {
    var sums = [0, 0, 0]
    for (index, value) in pixels.enumerated() { sums[index % 3] += Int(value) }
    return sums.map { Float(Double($0) / Double(width * height)) }
  }
}

extension UInt8 {
  /// The nearest value.
  init(clamped value: Float) { self = UInt8(Swift.min(Swift.max(value.rounded(), 0), 255)) }
}
