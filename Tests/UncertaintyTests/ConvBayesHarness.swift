import Compute
import Layers
import TestSupport
import Testing
import Uncertainty

/// One pool for all tests: three threads, so that work is cut unevenly.
let sharedPool: ThreadPool = {
  do {
    return try ThreadPool(threadCount: 3)
  } catch {
    preconditionFailure("\(error)")
  }
}()

extension ConvBayes {
  /// A layer in the host's memory.
  convenience init(
    inputChannels: Int, filters: Int, size: Int = 1, stride: Int = 1, padding: Int = 0,
    groups: Int = 1, relativeVariance: RelativeVariance = .fixed(0.25), divergenceWarmUp: Int = 0,
    sampleCount: Int = 10,
    noise: Noise = .element, activation: Activation = .linear, readsMoments: Bool = false
  ) throws {
    try self.init(
      inputChannels: inputChannels, filters: filters, size: size, stride: stride,
      padding: padding, groups: groups, relativeVariance: relativeVariance,
      divergenceWarmUp: divergenceWarmUp,
      sampleCount: sampleCount, noise: noise, activation: activation, readsMoments: readsMoments,
      on: HostMemory())
  }
}

/// Runs a layer on fresh tensors that start as NaN, so that a forgotten write shows.
struct ConvBayesHarness {
  let layer: any Layer
  let shape: Shape
  var backend = CPUBackend(pool: sharedPool)
  var random = RandomStream(seed: 11)
  var mode = Mode.training
  var savesInInference = false

  /// What a forward pass leaves behind.
  struct Run {
    let input: Tensor
    let output: Tensor
    let saved: [Tensor]
  }

  init(_ layer: any Layer, _ shape: Shape) {
    self.layer = layer
    self.shape = shape
  }

  func forward(_ input: [Float]) throws -> Run {
    let x = try Tensor(shape, values: input)
    let output = try poisoned(layer.outputShape(for: [shape]))
    var saved: [Tensor] = []
    if mode == .training {
      saved = try layer.savedShapes(for: [shape]).map(poisoned)
    } else if savesInInference, let layer = layer as? any MomentLayer {
      saved = try layer.momentShapes(for: [shape]).map(poisoned)
    }
    layer.forward(
      ForwardPass(
        backend: backend, inputs: [x], output: output, saved: saved, mode: mode, random: random))
    return Run(input: x, output: output, saved: saved)
  }

  /// The input gradient; parameters' gradients start from 0.
  func backward(_ run: Run, _ outputGradient: [Float], adding: [Float]? = nil) throws -> [Float] {
    for parameter in layer.parameters {
      parameter.gradient?.update(from: [Float](repeating: 0, count: parameter.values.count))
    }
    let target = try poisoned(shape)
    if let adding { target.update(from: adding) }
    layer.backward(
      BackwardPass(
        backend: backend, inputs: [run.input], output: try poisoned(run.output.shape),
        outputGradient: try Tensor(run.output.shape, values: outputGradient),
        inputGradients: [GradientTarget(target, accumulate: adding != nil)], saved: run.saved))
    return target.values
  }

  private func poisoned(_ shape: Shape) throws -> Tensor {
    try Tensor(shape, values: [Float](repeating: .nan, count: shape.count))
  }
}

/// Fills weights and biases with values of moderate size.
func fill(_ layer: ConvBayes, seed: UInt64 = 21) {
  layer.weights.values.update(from: randomValues(layer.weights.values.count, seed: seed))
  layer.biases.values.update(from: randomValues(layer.filters, seed: seed + 1))
}
