import Foundation

/// How well a box fits an object's: intersection over union (IoU), or one of its successors, which
/// also tell apart boxes that do not touch.
///
/// With I the intersection, U the union, C the area and c the diagonal of the smallest box around
/// both, and ρ the distance of their centres; w*, h* are the object's:
///
///     iou    I / U
///     giou   I / U − (C − U) / C         Rezatofighi et al. (arXiv 1902.09630)
///     diou   I / U − ρ² / c²             Zheng et al. (arXiv 1911.08287)
///     ciou   I / U − ρ² / c² − α v,      v = 4 / π² · (atan w*/h* − atan w/h)²
///
/// α = v / (1 − I/U + v + 10⁻⁶) is a constant of the gradient, as in the paper. 1 is a perfect fit;
/// iou is at least 0, giou above −1, diou above −1, ciou above −2.
package enum OverlapMeasure: String, CaseIterable, Hashable, Sendable, Codable {
  case iou, giou, diou, ciou

  /// The measure of a box and an object's, and its derivatives in the box's x, y, width, height.
  ///
  /// Where edges coincide, the derivative is that of the object's edge, which is 0.
  package func compare(
    _ box: CenteredBox, with truth: CenteredBox
  ) -> (value: Double, gradient: SIMD4<Double>) {
    let measure = measure(
      Extent(center: .variable(box.x, 0), size: .variable(box.width, 2)),
      Extent(center: .variable(box.y, 1), size: .variable(box.height, 3)),
      Extent(center: .init(truth.x), size: .init(truth.width)),
      Extent(center: .init(truth.y), size: .init(truth.height)))
    return (measure.value, measure.slope)
  }

  private func measure(_ x: Extent, _ y: Extent, _ truthX: Extent, _ truthY: Extent) -> Dual {
    let across = x.shared(with: truthX)
    let down = y.shared(with: truthY)
    let intersection = across.orNothing * down.orNothing
    let union = x.size * y.size + truthX.size * truthY.size - intersection
    let overlap = union.value == 0 ? Dual(0) : intersection / union
    let (width, height) = (x.hull(with: truthX), y.hull(with: truthY))
    switch self {
    case .iou:
      return overlap
    case .giou:
      let hull = width * height
      return hull.value == 0 ? overlap : overlap - (hull - union) / hull
    case .diou, .ciou:
      let diagonal = width.squared + height.squared
      guard diagonal.value != 0 else { return overlap }
      let apart = (x.center - truthX.center).squared + (y.center - truthY.center).squared
      let near = overlap - apart / diagonal
      guard self == .ciou else { return near }
      let angle = Dual.atan(truthX.size, over: truthY.size) - .atan(x.size, over: y.size)
      let aspect = Dual(4 / (.pi * .pi)) * angle.squared
      let share = aspect.value / (1 - overlap.value + aspect.value + 1e-6)
      return near - Dual(share) * aspect
    }
  }
}

/// A rectangle by its centre and size, in double precision: what a head predicts.
package struct CenteredBox: Hashable, Sendable {
  /// The centre.
  package let x, y: Double
  /// The size, not negative.
  package let width, height: Double

  /// A rectangle of the given centre and size.
  package init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The same rectangle as one of edges, neither of whose sides is negative.
  package init(_ box: Box) {
    self.init(
      x: (Double(box.left) + Double(box.right)) / 2, y: (Double(box.top) + Double(box.bottom)) / 2,
      width: Double(box.right) - Double(box.left), height: Double(box.bottom) - Double(box.top))
  }
}

/// What a box covers in one direction.
///
/// Comparisons let what is not a number through.
private struct Extent {
  let center: Dual
  let size: Dual

  private var low: Dual { center - Dual(0.5) * size }
  private var high: Dual { center + Dual(0.5) * size }

  /// How much both cover; negative if they are apart.
  func shared(with other: Extent) -> Dual {
    (high.value >= other.high.value ? other.high : high)
      - (low.value <= other.low.value ? other.low : low)
  }

  /// What lies between their outermost edges.
  func hull(with other: Extent) -> Dual {
    (high.value <= other.high.value ? other.high : high)
      - (low.value >= other.low.value ? other.low : low)
  }
}

/// A number with its derivatives in x, y, width and height of the box.
private struct Dual {
  let value: Double
  let slope: SIMD4<Double>

  init(_ value: Double, _ slope: SIMD4<Double> = .zero) {
    self.value = value
    self.slope = slope
  }

  static func variable(_ value: Double, _ index: Int) -> Dual {
    var slope = SIMD4<Double>.zero
    slope[index] = 1
    return Dual(value, slope)
  }

  static func + (a: Dual, b: Dual) -> Dual { Dual(a.value + b.value, a.slope + b.slope) }
  static func - (a: Dual, b: Dual) -> Dual { Dual(a.value - b.value, a.slope - b.slope) }
  static func * (a: Dual, b: Dual) -> Dual {
    Dual(a.value * b.value, a.slope * b.value + b.slope * a.value)
  }
  static func / (a: Dual, b: Dual) -> Dual {
    let quotient = a.value / b.value
    return Dual(quotient, (a.slope - b.slope * quotient) / b.value)
  }

  var squared: Dual { self * self }

  /// The number unless it is negative: 0 then.
  var orNothing: Dual { value <= 0 ? Dual(0) : self }

  /// atan(a / b) of lengths; 0 and flat where both are 0.
  static func atan(_ a: Dual, over b: Dual) -> Dual {
    let square = a.value * a.value + b.value * b.value
    guard square != 0 else { return Dual(0) }
    return Dual(
      Foundation.atan2(a.value, b.value), (a.slope * b.value - b.slope * a.value) / square)
  }
}
