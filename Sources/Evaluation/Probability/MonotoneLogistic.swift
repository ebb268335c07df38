import Foundation

/// The probability σ(b + Σ aₖ xₖ), no coefficient aₖ of which is negative: more of anything never makes it less.
package struct MonotoneLogistic: Sendable, Hashable, Codable {
  /// b.
  package let offset: Double
  /// aₖ ≥ 0, one for each number.
  package let coefficients: [Double]

  /// λ of ½ λ Σ (aₖ sₖ)², s the deviation of a number, added to the mean of the losses: it settles how
  /// numbers that say the same share their weight.
  static let ridge = 1e-3

  /// A probability of known coefficients.
  init(offset: Double, coefficients: [Double]) {
    self.offset = offset
    self.coefficients = coefficients
  }

  /// Whether the coefficients are such that a probability results.
  package var isValid: Bool {
    offset.isFinite && coefficients.allSatisfy { $0 >= 0 && $0.isFinite }
  }

  /// The probability for some numbers.
  package func callAsFunction(_ values: [Double]) -> Double {
    precondition(values.count == coefficients.count, "\(values.count) numbers")
    let z = zip(coefficients, values).reduce(offset) { $0 + $1.0 * $1.1 }
    return z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z))
  }

  /// The likeliest probability, nil without cases and if all targets are 0 or all are 1: least mean of −t ln p − (1 − t) ln(1 − p), with the ridge, found by projected
  /// Newton steps (Bertsekas 1982).
  ///
  /// - Parameters:
  ///   - rows: Numbers of each case, all finite.
  ///   - targets: t of each, 0...1.
  package init?(fitting rows: [[Double]], targets: [Double]) {
    precondition(rows.count == targets.count, "\(rows.count) rows, \(targets.count) targets")
    guard let first = rows.first, targets.contains(where: { $0 > 0 }),
      targets.contains(where: { $0 < 1 })
    else { return nil }
    let scaling = Scaling(rows)
    let scaled = rows.map(scaling.apply)
    let width = first.count + 1
    // The offset is the last and has no sign.
    var beta = [Double](repeating: 0, count: width)
    var state = Self.slopes(scaled, targets, beta)
    for _ in 0..<100 {
      let free = (0..<width).filter { $0 == width - 1 || beta[$0] > 0 || state.gradient[$0] < 0 }
      guard
        let step = Self.solve(
          free.map { row in free.map { state.curvature[row][$0] } }, free.map { state.gradient[$0] }
        )
      else { break }
      var scale = 1.0
      var moved = beta
      var next = state
      while scale > 1e-8 {
        moved = beta
        for (index, change) in zip(free, step) {
          let value = beta[index] - scale * change
          moved[index] = index == width - 1 ? value : max(0, value)
        }
        next = Self.slopes(scaled, targets, moved)
        if next.loss <= state.loss { break }
        scale /= 2
      }
      guard next.loss <= state.loss else { break }
      let distance = zip(moved, beta).reduce(0) { max($0, abs($1.0 - $1.1)) }
      (beta, state) = (moved, next)
      if distance < 1e-9 { break }
    }
    let own = (0..<width - 1).map { beta[$0] / scaling.deviations[$0] }
    let offset = beta[width - 1] - zip(own, scaling.means).reduce(0) { $0 + $1.0 * $1.1 }
    self.init(offset: offset, coefficients: own)
    guard isValid else { return nil }
  }

  /// Means and deviations of numbers; a number that never changes has the deviation 1.
  private struct Scaling {
    var means: [Double]
    var deviations: [Double]

    init(_ rows: [[Double]]) {
      let count = Double(rows.count)
      let width = rows[0].count
      means = (0..<width).map { k in rows.reduce(0) { $0 + $1[k] } / count }
      let means = means
      deviations = (0..<width).map { k in
        let square = rows.reduce(0) { $0 + ($1[k] - means[k]) * ($1[k] - means[k]) } / count
        return square > 1e-12 ? square.squareRoot() : 1
      }
    }

    func apply(_ row: [Double]) -> [Double] {
      row.indices.map { (row[$0] - means[$0]) / deviations[$0] } + [1]
    }
  }

  private struct Slopes {
    var loss = 0.0
    var gradient: [Double]
    var curvature: [[Double]]
  }

  private static func slopes(
    _ rows: [[Double]], _ targets: [Double], _ beta: [Double]
  ) -> Slopes {
    let width = beta.count
    var sums = Slopes(
      gradient: [Double](repeating: 0, count: width),
      curvature: [[Double]](repeating: [Double](repeating: 0, count: width), count: width))
    let share = 1 / Double(rows.count)
    for (row, target) in zip(rows, targets) {
      let z = zip(beta, row).reduce(0) { $0 + $1.0 * $1.1 }
      let small = exp(-abs(z))
      let p = z >= 0 ? 1 / (1 + small) : small / (1 + small)
      sums.loss += share * (max(z, 0) + log1p(small) - target * z)
      for i in 0..<width {
        sums.gradient[i] += share * (p - target) * row[i]
        for j in 0...i { sums.curvature[i][j] += share * p * (1 - p) * row[i] * row[j] }
      }
    }
    for i in 0..<width {
      for j in 0..<i { sums.curvature[j][i] = sums.curvature[i][j] }
      if i < width - 1 {
        sums.loss += ridge / 2 * beta[i] * beta[i]
        sums.gradient[i] += ridge * beta[i]
        sums.curvature[i][i] += ridge
      } else {
        sums.curvature[i][i] += 1e-12
      }
    }
    return sums
  }

  /// The solution of a symmetric, positive definite system by Cholesky's factors; nil for another one.
  private static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
    let count = right.count
    var lower = matrix
    for i in 0..<count {
      for j in 0...i {
        var sum = matrix[i][j]
        for k in 0..<j { sum -= lower[i][k] * lower[j][k] }
        if i == j {
          guard sum > 0 else { return nil }
          lower[i][i] = sum.squareRoot()
        } else {
          lower[i][j] = sum / lower[j][j]
        }
      }
    }
    var x = right
    for i in 0..<count {
      for k in 0..<i { x[i] -= lower[i][k] * x[k] }
      x[i] /= lower[i][i]
    }
    for i in (0..<count).reversed() {
      for k in i + 1..<max(count, i + 1) { x[i] -= lower[k][i] * x[k] }
      x[i] /= lower[i][i]
    }
    return x
  }
}
