import Compute
import TestSupport
import Testing

/// Elementwise operations, the optimiser's updates, and checks on tensors.
@Suite struct ElementwiseTests {
  /// Around vector widths and around the size of a chunk.
  static let counts = [1, 15, 16, 17, 1000, 32767, 32768, 32769, 70001]

  @Test(arguments: counts)
  func fillScaleCopyMultiply(_ count: Int) throws {
    let backend = try makeBackend()
    let shape = Shape(channels: count)
    let (a, b) = (randomValues(count, seed: 1), randomValues(count, seed: 2))
    let (x, y) = (try Tensor(shape, values: a), try Tensor(shape, values: b))
    let target = try poisoned(shape)
    backend.fill(target, with: 2.5)
    #expect(target.values == [Float](repeating: 2.5, count: count))
    backend.scale(target, by: -2)
    #expect(target.values == [Float](repeating: -5, count: count))
    backend.copy(x, into: GradientTarget(target, accumulate: false))
    #expect(target.values == a)
    backend.copy(y, into: GradientTarget(target, accumulate: true))
    #expect(target.values == zip(a, b).map { $0 + $1 })
    backend.multiply(x, y, into: GradientTarget(target, accumulate: false))
    #expect(target.values == zip(a, b).map { $0 * $1 })
    backend.multiply(x, y, into: GradientTarget(target, accumulate: true))
    expectClose(target.values, zip(a, b).map { 2 * $0 * $1 })
  }

  @Test(arguments: counts)
  func stochasticGradientDescent(_ count: Int) throws {
    let backend = try makeBackend()
    let shape = Shape(channels: count)
    let (w, v) = (randomValues(count, seed: 1), randomValues(count, seed: 2))
    let g = randomValues(count, seed: 3)
    let (values, velocity) = (try Tensor(shape, values: w), try Tensor(shape, values: v))
    backend.updateSGD(
      values, velocity: velocity, gradient: try Tensor(shape, values: g), rate: 0.1,
      momentum: 0.9, decay: 0.05, gradientScale: 0.25)
    let expected = (0..<count).map { 0.9 * v[$0] + 0.25 * g[$0] + 0.05 * w[$0] }
    expectClose(velocity.values, expected, "velocity")
    expectClose(values.values, zip(w, expected).map { $0 - 0.1 * $1 }, "values")
  }

  @Test(arguments: counts)
  func movingAverage(_ count: Int) throws {
    let backend = try makeBackend()
    let shape = Shape(channels: count)
    let (a, w) = (randomValues(count, seed: 1), randomValues(count, seed: 2))
    let average = try Tensor(shape, values: a)
    backend.updateMovingAverage(average, of: try Tensor(shape, values: w), keep: 0.9)
    expectClose(average.values, zip(a, w).map { 0.9 * $0 + 0.1 * $1 })
    backend.updateMovingAverage(average, of: average, keep: 0.9)
    expectClose(average.values, zip(a, w).map { 0.9 * $0 + 0.1 * $1 }, "of itself")
  }

  @Test(arguments: counts)
  func sumOfSquares(_ count: Int) throws {
    let backend = try makeBackend()
    // Squares beyond the range of Float.
    let values = randomValues(count).map { $0 * 1e25 }
    let expected = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    let sum = backend.sumOfSquares(try Tensor(Shape(channels: count), values: values))
    #expect(abs(sum - expected) <= 1e-12 * expected)
  }

  @Test(arguments: counts, [Float.nan, .infinity, -.infinity])
  func oneBadValueIsFound(_ count: Int, bad: Float) throws {
    let backend = try makeBackend()
    let tensor = try Tensor(
      Shape(channels: count),
      values: [Float](repeating: .greatestFiniteMagnitude, count: count))
    #expect(backend.isFinite(tensor))
    for index in Set([0, count / 2, count - 1]) {
      tensor.withMutableHostValues { $0[index] = bad }
      #expect(!backend.isFinite(tensor))
      tensor.withMutableHostValues { $0[index] = -1 }
    }
    #expect(backend.isFinite(tensor))
  }

  @Test func denormalsCountAsZero() throws {
    let count = 40_000
    // About 1e-40.
    let tiny = [Float](repeating: Float(bitPattern: 71362), count: count)
    for threads in [1, 2, 4] {
      let backend = try makeBackend(threads: threads)
      let shape = Shape(channels: count)
      let x = try Tensor(shape, values: tiny)
      backend.scale(x, by: 3)
      let y = try Tensor(shape, values: tiny)
      backend.multiply(
        y, try Tensor(shape, values: tiny.map { _ in 4 }),
        into: GradientTarget(y, accumulate: false))
      // 1e-30 · 1e-10 falls below the normal range.
      let z = try Tensor(shape, values: tiny.map { _ in 1e-30 })
      backend.scale(z, by: 1e-10)
      // Compared as bits: the comparison itself would take denormals for zeros.
      for tensor in [x, y, z] {
        let clean = tensor.values.allSatisfy { $0.bitPattern == 0 }
        #expect(clean, "\(threads) threads")
      }
    }
  }

  @Test func channelsAreCopiedAndAdded() throws {
    let backend = try makeBackend()
    let source = try Tensor(
      Shape(batch: 2, height: 1, width: 1, channels: 3), values: [1, 2, 3, 4, 5, 6])
    let target = try Tensor(
      Shape(batch: 2, height: 1, width: 1, channels: 4), values: [10, 20, 30, 40, 50, 60, 70, 80])
    backend.copyChannels(
      source, from: 1, into: GradientTarget(target, accumulate: false), at: 0, count: 2)
    #expect(target.values == [2, 3, 30, 40, 5, 6, 70, 80])
    backend.copyChannels(
      source, from: 0, into: GradientTarget(target, accumulate: true), at: 3, count: 1)
    #expect(target.values == [2, 3, 30, 41, 5, 6, 70, 84])
  }
}
