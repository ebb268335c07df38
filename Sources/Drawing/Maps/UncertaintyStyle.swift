package import Uncertainty

/// How uncertainty maps become pictures; the same for all images that are to be compared.
package struct UncertaintyStyle: Hashable, Sendable {
  /// What becomes of the anchors of a cell.
  package var anchorReduction = ValueReduction.max
  /// What becomes of the scales in the combined map.
  package var scaleReduction = ValueReduction.max
  /// What is shown between the centres of cells.
  package var sampling = HeatMap.Sampling.nearest
  /// Where the colours of σ end, logits; > 0.
  package var sigmaLimit = UncertaintyKind.defaultSigmaLimit
  /// Opacity of the map over the photo, 0...1.
  package var opacity = 0.6
  /// The longer side of an image in the pictures, pixels: larger ones are reduced.
  package var longestSide = 1000
  /// The least longer side of an image in the pictures, pixels: smaller ones are enlarged.
  package var shortestSide = 480

  /// Maxima over anchors and scales, whole cells.
  package init() {}

  /// The colours of a kind.
  func heatMap(_ kind: UncertaintyKind) -> HeatMap {
    var map = HeatMap(range: kind.range(sigmaLimit: sigmaLimit))
    map.sampling = sampling
    return map
  }

  /// The size in which an image is shown, its shape kept up to rounding.
  func viewSize(width: Int, height: Int) -> (width: Int, height: Int) {
    let side = max(width, height)
    let wanted = min(max(side, shortestSide), max(longestSide, 1))
    func scaled(_ length: Int) -> Int { max((length * wanted + side / 2) / side, 1) }
    return (scaled(width), scaled(height))
  }
}
