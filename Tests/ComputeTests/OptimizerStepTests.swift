import Compute
import Foundation
import TestSupport
import Testing

/// One step of each optimiser by its formula, at every count that kernels treat in another way.
@Suite struct OptimizerStepTests {
  private let rate = 0.1
  private let decay = 0.05
  private let scale = 0.25

  private func tensor(_ values: [Float]) throws -> Tensor {
    try Tensor(Shape(channels: values.count), values: values)
  }

  /// The gradient with decay, in doubles.
  private func pull(_ g: Float, _ w: Float) -> Double { scale * Double(g) + decay * Double(w) }

  private struct Start {
    let w: [Float]
    let v: [Float]
    let s: [Float]
    let g: [Float]

    init(_ count: Int) {
      w = randomValues(count, seed: 1)
      v = randomValues(count, seed: 2)
      s = randomValues(count, in: 0...1, seed: 3)
      g = randomValues(count, seed: 4)
    }
  }

  @Test(arguments: ElementwiseTests.counts)
  func nesterov(_ count: Int) throws {
    let start = Start(count)
    let (w, v) = (try tensor(start.w), try tensor(start.v))
    try makeBackend().updateNesterov(
      w, velocity: v, gradient: try tensor(start.g), rate: Float(rate), momentum: 0.9,
      decay: Float(decay), gradientScale: Float(scale))
    let pulls = zip(start.g, start.w).map(pull)
    let velocities = zip(pulls, start.v).map { $0 + 0.9 * Double($1) }
    expectClose(v.values, velocities.map { Float($0) }, "velocity")
    let expected = start.w.indices.map {
      Float(Double(start.w[$0]) - rate * (pulls[$0] + 0.9 * velocities[$0]))
    }
    expectClose(w.values, expected, "values")
  }

  @Test(arguments: ElementwiseTests.counts, [1, 7, Int.max])
  func adam(_ count: Int, step: Int) throws {
    let start = Start(count)
    let backend = try makeBackend()
    for shrink in [1, 0.75] {
      let (w, m, s) = (try tensor(start.w), try tensor(start.v), try tensor(start.s))
      backend.updateAdam(
        w, firstMoment: m, secondMoment: s, gradient: try tensor(start.g),
        step: AdamStep(
          rate: Float(rate), step: step, beta1: 0.75, beta2: 0.875, epsilon: 0.01,
          decay: Float(decay), shrink: Float(shrink), gradientScale: Float(scale)))
      let pulls = zip(start.g, start.w).map(pull)
      let first = zip(pulls, start.v).map { 0.75 * Double($1) + 0.25 * $0 }
      let second = zip(pulls, start.s).map { 0.875 * Double($1) + 0.125 * $0 * $0 }
      expectClose(m.values, first.map { Float($0) }, "first moment")
      expectClose(s.values, second.map { Float($0) }, "second moment")
      let (a, b) = (1 - pow(0.75, Double(step)), 1 - pow(0.875, Double(step)))
      let expected = start.w.indices.map { i in
        Float(
          shrink * Double(start.w[i])
            - rate * (first[i] / a) / ((second[i] / b).squareRoot() + 0.01))
      }
      expectClose(w.values, expected, "values")
    }
  }

  @Test(arguments: ElementwiseTests.counts)
  func rmsProp(_ count: Int) throws {
    let start = Start(count)
    let backend = try makeBackend()
    for momentum in [nil, 0.7] as [Double?] {
      let (w, v, s) = (try tensor(start.w), try tensor(start.v), try tensor(start.s))
      backend.updateRMSprop(
        w, velocity: momentum == nil ? nil : v, squares: s, gradient: try tensor(start.g),
        step: RMSpropStep(
          rate: Float(rate), alpha: 0.875, epsilon: 0.01, momentum: Float(momentum ?? 0),
          decay: Float(decay), gradientScale: Float(scale)))
      let pulls = zip(start.g, start.w).map(pull)
      let squares = zip(pulls, start.s).map { 0.875 * Double($1) + 0.125 * $0 * $0 }
      expectClose(s.values, squares.map { Float($0) }, "squares")
      let velocities = start.w.indices.map { i in
        (momentum ?? 0) * Double(start.v[i]) + pulls[i] / (squares[i].squareRoot() + 0.01)
      }
      let kept = momentum == nil ? start.v : velocities.map { Float($0) }
      expectClose(v.values, kept, "velocity")
      let expected = start.w.indices.map { Float(Double(start.w[$0]) - rate * velocities[$0]) }
      expectClose(w.values, expected, "values")
    }
  }

  /// What never had a gradient stays where it is.
  @Test func nothingComesOfNothing() throws {
    let backend = try makeBackend()
    let (w, zeros) = (try tensor([1, -2, 3]), [Float](repeating: 0, count: 3))
    backend.updateAdam(
      w, firstMoment: try tensor(zeros), secondMoment: try tensor(zeros),
      gradient: try tensor(zeros),
      step: AdamStep(rate: 1, step: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8))
    backend.updateRMSprop(
      w, velocity: nil, squares: try tensor(zeros), gradient: try tensor(zeros),
      step: RMSpropStep(rate: 1, alpha: 0.99, epsilon: 1e-8))
    #expect(w.values == [1, -2, 3])
  }
}
