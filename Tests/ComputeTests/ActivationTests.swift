import Compute
import Foundation
import TestSupport
import Testing

/// Activations against Foundation in double precision.
@Suite struct ActivationTests {
  /// The relative error to keep within a range.
  struct Accuracy: Sendable {
    let activation: Activation
    let range: ClosedRange<Float>
    let relative: Float
  }

  @Test(arguments: [
    Accuracy(activation: .linear, range: -100...100, relative: 0),
    Accuracy(activation: .leaky, range: -100...100, relative: 2e-7),
    Accuracy(activation: .relu, range: -100...100, relative: 0),
    Accuracy(activation: .relu6, range: -100...100, relative: 0),
    Accuracy(activation: .logistic, range: -10...10, relative: 3e-7),
    Accuracy(activation: .logistic, range: -87...100, relative: 4e-7),
    Accuracy(activation: .mish, range: -10...10, relative: 5e-7),
    Accuracy(activation: .mish, range: -80...100, relative: 6e-7),
    Accuracy(activation: .swish, range: -10...10, relative: 4e-7),
    Accuracy(activation: .swish, range: -80...100, relative: 5e-7),
    Accuracy(activation: .hardMish, range: -10...10, relative: 2e-7),
    Accuracy(activation: .gelu, range: -3...10, relative: 1e-6),
    Accuracy(activation: .elu, range: -80...100, relative: 3e-7),
    Accuracy(activation: .selu, range: -80...100, relative: 4e-7),
    Accuracy(activation: .tanh, range: -100...100, relative: 4e-7),
    Accuracy(activation: .loggy, range: -100...100, relative: 4e-7),
    Accuracy(activation: .hardtan, range: -100...100, relative: 0),
    Accuracy(activation: .relie, range: -100...100, relative: 2e-7),
    Accuracy(activation: .ramp, range: -100...100, relative: 2e-7),
  ])
  func values(_ accuracy: Accuracy) throws {
    let x = grid(accuracy.range)
    let expected = x.map { accuracy.activation.reference(Double($0)).value }
    let y = try outputs(x, accuracy.activation)
    expectClose(y, expected.map { Float($0) }, relative: accuracy.relative, absolute: 1e-37)
  }

  /// The softmax of (x, 0, −∞…) is e^x / (1 + e^x + 0): e^x itself, seen through a public door.
  @Test func exponential() throws {
    let backend = try makeBackend()
    let x = grid(-87...0)
    let input = try Tensor(
      Shape(batch: x.count, channels: 2), values: x.flatMap { [$0, 0] })
    let output = try poisoned(input.shape)
    backend.softmax(input, groups: 1, into: output)
    let values = output.values
    let actual = stride(from: 0, to: values.count, by: 2).map { values[$0] }
    let expected = x.map { Float(exp(Double($0)) / (1 + exp(Double($0)))) }
    expectClose(actual, expected, relative: 4e-7, absolute: 0)
  }

  @Test(arguments: Activation.allCases)
  func slopes(_ activation: Activation) throws {
    let x = grid(-30...30)
    let expected = x.map { Float(activation.reference(Double($0)).slope) }
    let backend = try makeBackend()
    let input = try Tensor(Shape(channels: x.count), values: x)
    let dy = randomValues(x.count, in: 0.5...2)
    let gradient = try Tensor(input.shape, values: dy)
    backend.activationGradient(gradient, input: input, activation)
    // 1 − σ and 1 − tanh² leave absolute rounding of 1e-7, times x for mish and swish.
    expectClose(
      gradient.values, zip(expected, dy).map { $0 * $1 }, relative: 2e-6, absolute: 3e-6)
    guard activation.hasGradientFromOutput else { return }
    let output = try Tensor(input.shape, values: try outputs(x, activation))
    gradient.update(from: dy)
    backend.activationGradient(gradient, output: output, activation)
    expectClose(
      gradient.values, zip(expected, dy).map { $0 * $1 }, relative: 2e-6, absolute: 3e-6)
  }

  @Test(arguments: Activation.allCases)
  func extremeInputsGiveNoNaN(_ activation: Activation) throws {
    let huge = Float.greatestFiniteMagnitude
    let x: [Float] = [-huge, -1e30, -1000, -100, -88, -30, 0, 1e-30, 30, 88, 100, 1000, 1e18]
    let y = try outputs(x, activation)
    #expect(y.allSatisfy { $0.isFinite }, "\(y)")
    let backend = try makeBackend()
    let input = try Tensor(Shape(channels: x.count), values: x)
    let gradient = try Tensor(
      input.shape, values: [Float](repeating: 1, count: x.count))
    backend.activationGradient(gradient, input: input, activation)
    #expect(gradient.values.allSatisfy { $0.isFinite }, "\(gradient.values)")
    // Where they end on the left; the others have no end, or there no digits.
    let limits: [Activation: Float] = [
      .relu: 0, .relu6: 0, .logistic: 0, .hardMish: 0, .elu: -1, .selu: -1.0507 * 1.6732,
      .tanh: -1, .loggy: -1, .hardtan: -1,
    ]
    if let limit = limits[activation] { #expect(abs(y[0] - limit) < 1e-6) }
  }

  /// A loss that has diverged must be seen, not clamped away; rectifiers take a maximum, which does.
  @Test(arguments: Activation.allCases.filter { ![.relu, .relu6].contains($0) })
  func nanStaysNaN(_ activation: Activation) throws {
    let y = try outputs([Float](repeating: .nan, count: 17), activation)
    #expect(y.allSatisfy { $0.isNaN }, "\(y)")
  }

  @Test(arguments: [1, 5, 16, 33])
  func softmaxSumsToOneAtAnyOffset(_ count: Int) throws {
    let backend = try makeBackend()
    for offset in [0, 1000, -1000, 1e30] as [Float] {
      let x = randomValues(3 * count, in: -20...20).map { $0 + offset }
      let input = try Tensor(Shape(batch: 3, channels: count), values: x)
      let output = try poisoned(input.shape)
      backend.softmax(input, groups: 1, into: output)
      for image in 0..<3 {
        let row = output.values[image * count..<(image + 1) * count]
        #expect(abs(row.reduce(0, +) - 1) < 1e-5)
      }
    }
  }

  // MARK: - References

  private func outputs(_ x: [Float], _ activation: Activation) throws -> [Float] {
    let backend = try makeBackend()
    let tensor = try Tensor(Shape(channels: x.count), values: x)
    backend.activate(tensor, activation, into: tensor)
    return tensor.values
  }

  /// Two thousand points, none a kink.
  private func grid(_ range: ClosedRange<Float>) -> [Float] {
    let width = range.upperBound - range.lowerBound
    return (0..<2003).map { range.lowerBound + width * (Float($0) + 0.37) / 2004 }
  }
}
