import Foundation

/// σ(z) = 1 / (1 + e^−z), accurate on both sides.
package func logistic(_ z: Float) -> Float {
  let small = exp(-abs(z))
  return z >= 0 ? 1 / (1 + small) : small / (1 + small)
}

/// The same in double precision.
package func logistic(_ z: Double) -> Double {
  let small = exp(-abs(z))
  return z >= 0 ? 1 / (1 + small) : small / (1 + small)
}
