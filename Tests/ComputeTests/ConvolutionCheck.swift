import Compute
import Foundation
import TestSupport
import Testing

/// A way to compute convolutions.
struct ConvolutionEngine: CustomStringConvertible, Sendable {
  let engine: ComputeEngine
  var set: InstructionSet?
  var exact = false

  static let portable = ConvolutionEngine(engine: .portable)
  /// The portable one, and each instruction set of this CPU.
  static let all =
    [portable] + InstructionSet.supported.map { ConvolutionEngine(engine: .fast, set: $0) }
  /// Each instruction set of this CPU, with Winograd's algorithm and without.
  static let fast = InstructionSet.supported.flatMap { set in
    [false, true].map { ConvolutionEngine(engine: .fast, set: set, exact: $0) }
  }

  func makeBackend(threads: Int = 3) throws -> CPUBackend {
    CPUBackend(
      pool: try ThreadPool(threadCount: threads), engine: engine, exact: exact, instructionSet: set)
  }

  var description: String {
    "\(engine.rawValue) \(set?.rawValue ?? "") \(exact ? "exact" : "")"
  }
}

/// Compares a convolution and its gradients with ``ConvolutionReference``.
struct ConvolutionCheck {
  let engine: ConvolutionEngine
  /// Largest difference, relative to the largest value of the result.
  var tolerance: Float = 1e-5
  /// Root mean square of the differences, relative to that of the result.
  var meanTolerance = 4e-6
  var activation = Activation.leaky

  /// Compares output and gradients, overwritten and added.
  func callAsFunction(
    _ shape: Shape, filters: Int, _ geometry: ConvolutionGeometry, seed: UInt64,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let label = "\(engine): \(shape) * \(geometry) -> \(filters)"
    let outputShape = try #require(
      geometry.outputShape(of: shape, filters: filters), "\(label)",
      sourceLocation: sourceLocation)
    let reference = ConvolutionReference(input: shape, output: outputShape, geometry: geometry)
    let x = randomValues(shape.count, seed: seed)
    let w = randomValues(reference.weightShape.count, seed: seed + 1)
    let dy = randomValues(outputShape.count, seed: seed + 2)
    let backend = try engine.makeBackend()
    let input = try Tensor(shape, values: x)
    let weights = try Tensor(reference.weightShape, values: w)
    let outputGradient = try Tensor(outputShape, values: dy)

    let bias = randomValues(filters, seed: seed + 3)
    let output = try poisoned(outputShape)
    backend.convolve(
      input, weights: weights, bias: try Tensor(Shape(channels: filters), values: bias),
      activation: activation, geometry: geometry, into: output)
    let plain = reference.forward(x, w)
    let z = plain.enumerated().map { $1 + Double(bias[$0 % filters]) }
    expectNear(output.values, z.map(activated), label, sourceLocation: sourceLocation)
    backend.convolve(
      input, weights: weights, bias: nil, activation: .relu, geometry: geometry, into: output)
    expectNear(
      output.values, plain.map { max(0, $0) }, "\(label) without bias",
      sourceLocation: sourceLocation)

    let scale = randomValues(filters, in: 0.5...1.5, seed: seed + 4)
    let r = randomValues(outputShape.count, seed: seed + 5)
    for comesFirst in [false, true] {
      backend.convolve(
        input, weights: weights, geometry: geometry,
        epilogue: ConvolutionEpilogue(
          scale: try Tensor(Shape(channels: filters), values: scale),
          bias: try Tensor(Shape(channels: filters), values: bias), activation: activation,
          residual: .init(try Tensor(outputShape, values: r), comesFirst: comesFirst)),
        cache: nil, into: output)
      let expected = plain.enumerated().map { i, sum in
        let z = sum * Double(scale[i % filters]) + Double(bias[i % filters])
        return comesFirst ? activated(z + Double(r[i])) : activated(z) + Double(r[i])
      }
      expectNear(
        output.values, expected, "\(label) + residual \(comesFirst)",
        sourceLocation: sourceLocation)
    }

    let dx = reference.inputGradient(dy, w)
    let overwritten = try poisoned(shape)
    backend.convolutionInputGradient(
      of: outputGradient, weights: weights, geometry: geometry,
      into: GradientTarget(overwritten, accumulate: false))
    expectNear(overwritten.values, dx, "\(label) dx", sourceLocation: sourceLocation)
    let added = try Tensor(shape, values: x)
    backend.convolutionInputGradient(
      of: outputGradient, weights: weights, geometry: geometry,
      into: GradientTarget(added, accumulate: true))
    expectNear(
      added.values, zip(dx, x).map { $0 + Double($1) }, "\(label) dx added",
      sourceLocation: sourceLocation)

    let weightGradient = try Tensor(reference.weightShape, values: w)
    backend.convolutionWeightGradient(
      of: outputGradient, input: input, geometry: geometry, into: weightGradient)
    expectNear(
      weightGradient.values, zip(reference.weightGradient(dy, x), w).map { $0 + Double($1) },
      "\(label) dw", sourceLocation: sourceLocation)
  }

  private func activated(_ z: Double) -> Double { activation.reference(z).value }

  /// Near relative to the largest value: what single precision keeps of sums of cancelling terms.
  private func expectNear(
    _ actual: [Float], _ expected: [Double], _ label: String, sourceLocation: SourceLocation
  ) {
    let largest = Float(expected.map(abs).max() ?? 0)
    expectClose(
      actual, expected.map { Float($0) }, relative: tolerance,
      absolute: tolerance * max(largest, 1e-3),
      label, sourceLocation: sourceLocation)
    let (error, size) = zip(actual, expected).reduce((0.0, 0.0)) {
      let difference = Double($1.0) - $1.1
      return ($0.0 + difference * difference, $0.1 + $1.1 * $1.1)
    }
    #expect(
      error.squareRoot() <= meanTolerance * size.squareRoot(),
      "\(label): relative error \((error / size).squareRoot()) on average",
      sourceLocation: sourceLocation)
  }
}
