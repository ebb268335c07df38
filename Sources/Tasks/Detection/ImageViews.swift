import Compute
import Darknet
import Foundation
package import Networks

/// The views of an image in which objects are sought: at several sizes of the input, each perhaps
/// mirrored too.
package struct ImageViews: Sendable, Hashable, Codable {
  /// Sides of the inputs as shares of the network's own; 1, the picture as it is, always belongs to
  /// them.
  package var scales: [Double]
  /// Whether every size is looked at mirrored left to right as well.
  package var isMirrored: Bool

  /// The sizes that are used unless others are named.
  package static let standardScales = [0.83, 1, 1.17]
  /// What a scale may be.
  package static let scaleRange = 0.25...4.0

  /// Views of these scales, in their order after 1.
  package init(scales: [Double] = [], isMirrored: Bool) {
    self.scales = scales
    self.isMirrored = isMirrored
  }

  /// The inputs of the views, the plain one first, each once.
  ///
  /// A side is the own one times the scale, rounded to the nearest multiple of the network's stride
  /// (halves up), at least one stride.
  ///
  /// - Parameters:
  ///   - input: The network's own input.
  ///   - stride: The network's largest stride, pixels of the input.
  /// - Returns: At least one.
  package func views(of input: InputSettings, stride: Int) -> [ImageView] {
    var inputs = [input]
    for scale in scales {
      var scaled = input
      scaled.width = Self.rounded(Double(input.width) * scale, to: stride)
      scaled.height = Self.rounded(Double(input.height) * scale, to: stride)
      if scale != 1, !inputs.contains(scaled) { inputs.append(scaled) }
    }
    return inputs.flatMap { input in
      (isMirrored ? [false, true] : [false]).map { ImageView(input: input, isMirrored: $0) }
    }
  }

  private static func rounded(_ side: Double, to stride: Int) -> Int {
    max(1, Int((side / Double(stride) + 0.5).rounded(.down))) * stride
  }
}

/// One way to look at an image.
package struct ImageView: Sendable, Hashable {
  /// How the image is brought to the network.
  package let input: InputSettings
  /// Whether it is mirrored left to right first.
  package let isMirrored: Bool
}

extension [ImageView] {
  /// The sizes for people, for example `320x320, 256x256, each also mirrored`.
  package var text: String {
    let sizes = filter { !$0.isMirrored }.map { "\($0.input.width)x\($0.input.height)" }
    return sizes.joined(separator: ", ")
      + (count == sizes.count ? "" : sizes.count == 1 ? " and mirrored" : ", each also mirrored")
  }

  /// The pixels of all views as a multiple of the first one's: about what the work grows by.
  package var cost: Double {
    guard let first else { return 0 }
    let own = Double(first.input.width * first.input.height)
    return reduce(0) { $0 + Double($1.input.width * $1.input.height) } / own
  }
}

extension Network {
  /// The largest stride of the heads, pixels of the input: its size must be a multiple; 1 without heads.
  package var stride: Int {
    heads.map { ownInput.width / max(1, nodes[$0.layer].outputShape.width) }.max() ?? 1
  }
}
