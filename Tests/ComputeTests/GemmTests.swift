import Compute
import TestSupport
import Testing

/// Matrix products through the fully connected operations: A·B, A·Bᵀ and Aᵀ·B.
@Suite struct GemmTests {
  @Test(arguments: [
    (1, 1, 1), (1, 7, 5), (3, 1, 5), (3, 7, 1), (2, 3, 4), (17, 31, 13), (5, 1031, 9),
    (67, 129, 257), (130, 515, 63), (1, 2049, 333), (333, 1, 97),
  ])
  func productsOfOddSizes(_ rows: Int, inner: Int, columns: Int) throws {
    let backend = try makeBackend()
    let x = randomValues(rows * inner, seed: 1)
    let w = randomValues(inner * columns, seed: 2)
    let b = randomValues(columns, seed: 3)
    let dy = randomValues(rows * columns, seed: 4)
    let input = try Tensor(Shape(batch: rows, channels: inner), values: x)
    let weights = try Tensor(Shape(width: inner, channels: columns), values: w)
    let outputShape = Shape(batch: rows, channels: columns)

    let output = try poisoned(outputShape)
    backend.connect(
      input, weights: weights, bias: try Tensor(Shape(channels: columns), values: b), into: output)
    let y = product(x, w, rows, inner, columns).enumerated().map { $1 + Double(b[$0 % columns]) }
    expectNear(output.values, y, inner, "with bias")
    backend.connect(input, weights: weights, bias: nil, into: output)
    expectNear(output.values, product(x, w, rows, inner, columns), inner, "without bias")

    let outputGradient = try Tensor(outputShape, values: dy)
    let dx = product(dy, transposed(w, inner, columns), rows, columns, inner)
    let target = try poisoned(input.shape)
    backend.connectInputGradient(
      of: outputGradient, weights: weights, into: GradientTarget(target, accumulate: false))
    expectNear(target.values, dx, columns, "dx")
    backend.connectInputGradient(
      of: outputGradient, weights: weights, into: GradientTarget(target, accumulate: true))
    expectNear(target.values, dx.map { 2 * $0 }, columns, "dx twice")

    let dw = product(transposed(x, rows, inner), dy, inner, rows, columns)
    let weightGradient = try Tensor(weights.shape, values: w)
    backend.connectWeightGradient(of: outputGradient, input: input, into: weightGradient)
    expectNear(
      weightGradient.values, zip(dw, w).map { $0 + Double($1) }, rows, "dw")
  }

  private func product(
    _ a: [Float], _ b: [Float], _ rows: Int, _ inner: Int, _ columns: Int
  ) -> [Double] {
    var c = [Double](repeating: 0, count: rows * columns)
    for i in 0..<rows {
      for k in 0..<inner {
        let factor = Double(a[i * inner + k])
        for j in 0..<columns { c[i * columns + j] += factor * Double(b[k * columns + j]) }
      }
    }
    return c
  }

  private func transposed(_ a: [Float], _ rows: Int, _ columns: Int) -> [Float] {
    (0..<rows * columns).map { a[$0 % rows * columns + $0 / rows] }
  }

  /// Rounding of sums in single precision grows with √terms, and so do the sums themselves.
  private func expectNear(
    _ actual: [Float], _ expected: [Double], _ terms: Int, _ label: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectClose(
      actual, expected.map { Float($0) }, relative: 1e-6,
      absolute: 1e-6 + 7e-8 * Float(terms), label, sourceLocation: sourceLocation)
  }
}
