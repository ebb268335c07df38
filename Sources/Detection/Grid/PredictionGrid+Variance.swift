import Foundation
package import Geometry

extension PredictionGrid {
  /// The logits that decode to a box: x, y, width, height; probabilities are kept in 0.01...0.99.
  package func boxLogits(of box: Box, row: Int, column: Int, anchor: Int) -> [Float] {
    func logit(_ probability: Float) -> Float {
      let p = min(max(probability, 0.01), 0.99)
      return log(p / (1 - p))
    }
    func position(_ place: Float) -> Float { logit((place + (scaleXY - 1) / 2) / scaleXY) }
    func size(_ ratio: Float) -> Float {
      switch sizeCode {
      case .exponential: log(ratio)
      case .squared: logit((ratio / 4).squareRoot())
      }
    }
    return [
      position(box.centerX * Float(width) - Float(column)),
      position(box.centerY * Float(height) - Float(row)), size(box.width / anchors[anchor].width),
      size(box.height / anchors[anchor].height),
    ]
  }

  /// How far the edges of a box are off whose four logits are independent normal variables.
  ///
  /// The variance of a logistic position is an integral over the logit (the trapezoidal rule over ±6 deviations), that
  /// of an exponential size m (e²ᵇ⁺ᵛ (eᵛ − 1) of mean b and variance v, in anchors) in closed form, with v at most
  /// ``largestSizeVariance``: beyond it no picture could show it. An edge is the centre ± half the size:
  ///
  ///     σ² = var(centre) + var(size) / 4
  ///
  /// - Parameters:
  ///   - logits: Those of an anchor, the means.
  ///   - logVariances: ln v of x, y, width and height.
  ///   - bound: Log variances are cut at ± this.
  ///   - anchor: Which of the cell's.
  /// - Returns: As fractions of the network input.
  package func edgeDeviations(
    _ logits: UnsafePointer<Float>, logVariances: [Float], bound: Float, anchor: Int
  ) -> EdgeDeviations {
    precondition(logVariances.count == 4, "\(logVariances.count) log variances")
    let variances = logVariances.map { Double(exp(min(max($0, -bound), bound))) }
    func position(_ entry: Int, _ cells: Int) -> Double {
      let scale = Double(scaleXY) / Double(cells)
      return scale * scale
        * Self.variance(mean: Double(logits[entry]), variance: variances[entry]) { logistic($0) }
    }
    func size(_ entry: Int, _ side: Float) -> Double {
      let mean = Double(logits[entry])
      let variance: Double
      switch sizeCode {
      case .exponential:
        let v = min(variances[entry], Self.largestSizeVariance)
        variance = exp(2 * min(mean, 20) + v) * expm1(v)
      case .squared:
        variance = Self.variance(mean: mean, variance: variances[entry]) {
          4 * logistic($0) * logistic($0)
        }
      }
      return Double(side) * Double(side) * variance
    }
    let across = position(HeadEntry.x, width) + size(HeadEntry.width, anchors[anchor].width) / 4
    let down = position(HeadEntry.y, height) + size(HeadEntry.height, anchors[anchor].height) / 4
    let (x, y) = (Float(across.squareRoot()), Float(down.squareRoot()))
    return EdgeDeviations(
      left: x, top: y, right: x, bottom: y,
      isBounded: logVariances.contains { abs($0) >= bound })
  }

  /// The largest variance of an exponential size's logit that counts.
  static let largestSizeVariance = 4.0

  /// The variance of a function of a normal variable.
  private static func variance(
    mean: Double, variance: Double, _ function: (Double) -> Double
  ) -> Double {
    let deviation = variance.squareRoot()
    var (weights, first, second) = (0.0, 0.0, 0.0)
    for step in -48...48 {
      let z = Double(step) / 8
      let weight = exp(-z * z / 2)
      let value = function(mean + deviation * z)
      weights += weight
      first += weight * value
      second += weight * value * value
    }
    let expected = first / weights
    return max(0, second / weights - expected * expected)
  }
}
