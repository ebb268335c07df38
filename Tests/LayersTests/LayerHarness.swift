import Compute
import Layers
import TestSupport
import Testing

/// Runs one layer forward and backward on fresh tensors and checks what every layer promises.
///
/// Everything a pass must overwrite starts as NaN, and before backward the values that the layer
/// says it does not read become NaN, so a forgotten write or an undeclared read shows.
struct LayerHarness {
  let layer: any Layer
  let backend = CPUBackend(pool: sharedPool)
  var mode = Mode.training
  var random = RandomStream(seed: 11)

  init(_ layer: any Layer, mode: Mode = .training) {
    self.layer = layer
    self.mode = mode
  }

  /// What a forward pass leaves behind.
  struct Run {
    let inputs: [Tensor]
    let output: Tensor
    let saved: [Tensor]
  }

  /// Values together with their shape.
  struct Values {
    let shape: Shape
    var values: [Float]

    init(_ shape: Shape, _ values: [Float]) {
      self.shape = shape
      self.values = values
    }

    /// Uniform in -1...1.
    init(_ shape: Shape, seed: UInt64) {
      self.init(shape, randomValues(shape.count, seed: seed))
    }
  }

  /// Forward on the given inputs.
  func forward(_ inputs: [Values]) throws -> Run {
    let shapes = inputs.map(\.shape)
    let tensors = try inputs.map { try Tensor($0.shape, values: $0.values) }
    let output = try poisoned(layer.outputShape(for: shapes))
    let saved = mode == .training ? try layer.savedShapes(for: shapes).map(poisoned) : []
    layer.forward(
      ForwardPass(
        backend: backend, inputs: tensors, output: output, saved: saved, mode: mode,
        random: random))
    return Run(inputs: tensors, output: output, saved: saved)
  }

  /// Backward after `run`: the input gradients, nil where `targets` has nil.
  ///
  /// A target is nil (not wanted), empty (overwrite), or the values to add to.
  func backward(_ run: Run, outputGradient: [Float], targets: [[Float]?]) throws -> [[Float]?] {
    let gradient = try Tensor(run.output.shape, values: outputGradient)
    let inputs = try run.inputs.map {
      layer.backwardReads.contains(.inputs) ? $0 : try poisoned($0.shape)
    }
    let output =
      layer.backwardReads.contains(.output) ? run.output : try poisoned(run.output.shape)
    let inputGradients = try zip(inputs, targets).map { input, target -> GradientTarget? in
      guard let target else { return nil }
      if target.isEmpty { return GradientTarget(try poisoned(input.shape), accumulate: false) }
      return GradientTarget(try Tensor(input.shape, values: target), accumulate: true)
    }
    layer.backward(
      BackwardPass(
        backend: backend, inputs: inputs, output: output, outputGradient: gradient,
        inputGradients: inputGradients, saved: run.saved))
    return inputGradients.map { $0?.tensor.values }
  }

  /// Checks all gradients of Σ wᵢ·yᵢ, with random w, against central differences; that targets are
  /// added to when asked; and that a missing target changes nothing else.
  func checkGradients(
    _ inputs: [Values], step: Float = 1e-2, tolerance: Double = 1e-3, directional: Double = 1e-4,
    coordinates: Int = 60, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    zeroParameterGradients()
    let run = try forward(inputs)
    let weights = randomValues(run.output.count, seed: 77)
    let overwrite = inputs.map { _ -> [Float]? in [] }
    let gradients = try backward(run, outputGradient: weights, targets: overwrite)
    let parameters = learned.map { ($0, $0.gradient?.values ?? []) }

    func loss(_ inputs: [Values]) -> Double {
      do {
        return weightedSum(try forward(inputs).output.values, weights)
      } catch {
        Issue.record(error)
        return .nan
      }
    }
    for (i, gradient) in gradients.enumerated() {
      expectGradient(
        at: inputs[i].values, gradient ?? [], step: step, tolerance: tolerance,
        directional: directional, coordinates: coordinates, "input \(i)",
        sourceLocation: sourceLocation
      ) { x in
        var changed = inputs
        changed[i].values = x
        return loss(changed)
      }
    }
    for (parameter, gradient) in parameters {
      let original = parameter.values.values
      expectGradient(
        at: original, gradient, step: step, tolerance: tolerance, directional: directional,
        coordinates: coordinates, parameter.name, sourceLocation: sourceLocation
      ) { x in
        parameter.values.update(from: x)
        return loss(inputs)
      }
      parameter.values.update(from: original)
    }
    try checkTargets(
      inputs, weights, gradients, parameters.map(\.1), sourceLocation: sourceLocation)
  }

  /// Adding targets, missing targets, and parameters' gradients that add up.
  private func checkTargets(
    _ inputs: [Values], _ weights: [Float], _ gradients: [[Float]?], _ parameters: [[Float]],
    sourceLocation: SourceLocation
  ) throws {
    let held = inputs.map { randomValues($0.values.count, seed: 5) }
    let added = try backward(forward(inputs), outputGradient: weights, targets: held)
    for (i, gradient) in gradients.enumerated() {
      expectClose(
        added[i] ?? [], zip(held[i], gradient ?? []).map { $0 + $1 }, relative: 1e-5,
        absolute: 1e-5, "adding to the gradient of input \(i)", sourceLocation: sourceLocation)
    }
    for i in inputs.indices {
      var targets = inputs.map { _ -> [Float]? in [] }
      targets[i] = nil
      let others = try backward(forward(inputs), outputGradient: weights, targets: targets)
      #expect(others[i] == nil, sourceLocation: sourceLocation)
      for other in inputs.indices where other != i {
        #expect(others[other] == gradients[other], sourceLocation: sourceLocation)
      }
    }
    let passes = Float(2 + inputs.count)
    for (parameter, gradient) in zip(learned, parameters) {
      let largest = gradient.map(abs).max() ?? 0
      expectClose(
        parameter.gradient?.values ?? [], gradient.map { $0 * passes }, relative: 1e-5,
        absolute: 1e-5 * passes * max(1, largest), "adding up \(parameter.name)",
        sourceLocation: sourceLocation)
    }
  }

  /// Sets all parameters' gradients to 0.
  func zeroParameterGradients() {
    for parameter in learned {
      guard let gradient = parameter.gradient else { continue }
      gradient.update(from: [Float](repeating: 0, count: gradient.count))
    }
  }

  /// The parameters that have a gradient.
  var learned: [Parameter] { layer.parameters.filter { $0.gradient != nil } }

  private func poisoned(_ shape: Shape) throws -> Tensor {
    try Tensor(shape, values: [Float](repeating: .nan, count: shape.count))
  }
}

/// One pool for all tests: three threads, so that work is cut unevenly.
let sharedPool: ThreadPool = {
  do {
    return try ThreadPool(threadCount: 3)
  } catch {
    preconditionFailure("\(error)")
  }
}()

/// `count` values at least `gap` apart from each other, in random order: no ties in a maximum.
func distinctValues(_ count: Int, gap: Float = 0.05, seed: UInt64 = 1) -> [Float] {
  var stream = RandomStream(seed: seed)
  return stream.permutation(count).map { (Float($0) - Float(count) / 2) * gap }
}

/// `count` values in ±0.1…±1: away from kinks at 0.
func valuesAwayFromZero(_ count: Int, seed: UInt64 = 1) -> [Float] {
  randomValues(count, seed: seed).map { $0 < 0 ? $0 * 0.9 - 0.1 : $0 * 0.9 + 0.1 }
}
