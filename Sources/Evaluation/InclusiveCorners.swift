import Detection

/// A box as the VOC development kit sees it: first and last pixel, both inside.
///
/// Double, because the kit computes in Double: for whole pixels every result is then the kit's, to
/// the bit.
struct InclusiveCorners {
  let xMin: Double
  let yMin: Double
  let xMax: Double
  let yMax: Double

  /// VOC's corners of a box: xmin = left + 1, xmax = right, without rounding to Float.
  init(_ box: Box) {
    xMin = Double(box.left) + 1
    yMin = Double(box.top) + 1
    xMax = Double(box.right)
    yMax = Double(box.bottom)
  }

  /// IoU over pixels, 0...1; 0 unless at least part of a pixel is shared.
  func overlap(with other: InclusiveCorners) -> Double {
    let width = min(xMax, other.xMax) - max(xMin, other.xMin) + 1
    let height = min(yMax, other.yMax) - max(yMin, other.yMin) + 1
    guard width > 0, height > 0 else { return 0 }
    let intersection = width * height
    return intersection / (area + other.area - intersection)
  }

  private var area: Double { (xMax - xMin + 1) * (yMax - yMin + 1) }
}
