package import Compute
package import Layers

/// The tensors of a network for one batch, input size and mode: shapes, memory and order of work are
/// settled here once, and every pass reuses them.
///
/// Time runs forward through the layers (steps 0..<n), the loss (step n), and back (step 2n − i for
/// layer i). A tensor occupies memory only between its first and last use. A `[route]` to one layer
/// is that layer: nothing is copied. Backward makes outputs of batch-normalised convolutions anew from
/// what normalisation saves. With ``SavedPrecision/bfloat16``, what waits for backward waits as halves. In inference a convolution that only a `[shortcut]` reads computes
/// the sum; both have that output. Of a quantised network, tensors are bytes where ``ByteFlow`` says so.
package final class NetworkPlan {
  /// Training or inference.
  package let mode: Mode
  /// The network's input [N, H, W, C], to be filled before ``forward(random:)``.
  package let input: Tensor
  /// Output shape of every layer.
  package let shapes: [Shape]
  /// Bytes of activations, saved tensors and gradients together.
  package let arenaBytes: Int

  /// What the first layers read: ``input``, or its values normalised.
  private let seen: Tensor
  private let normalization: InputNormalization?
  private let backend: any Backend
  private let nodes: [LayerNode]
  private let structure: PlanStructure
  private let outputs: [Tensor]
  private let flow: ByteFlow?
  private let seenBytes: Tensor?
  private let bytes: [Tensor?]
  private let recomputed: [Int: Tensor]
  private let recomputations: [Int: [Int]]
  private let saved: [[Tensor]]
  private let halves: PlanHalves
  private let gradients: [Tensor?]
  private let targets: [[GradientTarget?]]

  /// Plans a network.
  ///
  /// - Throws: ``LayerError`` if the size does not go through the layers; ``ComputeError``.
  init(
    nodes: [LayerNode], outputs: [Output], backend: any Backend, input shape: Shape, mode: Mode,
    keepsMoments: Bool = false, normalization: InputNormalization? = nil,
    quantization: NetworkQuantization? = nil, saving: SavedPrecision = .float32
  ) throws {
    self.mode = mode
    self.normalization = normalization
    self.backend = backend
    self.nodes = nodes
    let structure = PlanStructure(nodes, outputs: outputs, mode: mode, keepsMoments: keepsMoments)
    self.structure = structure
    let flow = quantization.map { ByteFlow(nodes, structure, $0) }
    if let layer = flow?.missing {
      throw LayerError.invalid(
        layer: layer < 0 ? "net" : nodes[layer].layer.kind,
        reason: "the quantisation does not say what the bytes of layer \(layer) are")
    }
    self.flow = flow
    let layout = try PlanLayout(
      nodes: nodes, structure, flow: flow, input: shape, mode: mode, saving: saving)
    let memory = MemoryPlan(layout.requests)
    let byteMemory = MemoryPlan(layout.byteRequests)
    let arena = try backend.allocate(memory.count, of: .float32)
    let tensors = layout.requests.indices.map {
      Tensor(layout.requestShapes[$0], in: arena, at: memory.offsets[$0])
    }
    input = try Tensor(shape, on: backend)
    seen = normalization == nil ? input : try Tensor(shape, on: backend)
    shapes = layout.shapes
    arenaBytes = (memory.count + byteMemory.count) * MemoryLayout<Float>.stride
    if let quantization, let flow {
      let size = MemoryLayout<Float>.stride
      let arena = try backend.allocate(byteMemory.count * size, of: .uint8)
      bytes = layout.bytes.enumerated().map { layer, request in
        guard let request, let own = quantization[structure.roots[layer]] else { return nil }
        return Tensor(layout.shapes[layer], in: arena, at: byteMemory.offsets[request] * size)
          .quantized(as: own)
      }
      seenBytes =
        flow.input.wantsBytes
        ? try quantization.input.map {
          Tensor(shape, in: try backend.allocate(shape.count, of: .uint8), at: 0)
            .quantized(as: $0)
        } : nil
    } else {
      bytes = []
      seenBytes = nil
    }
    self.outputs = layout.outputs.map { tensors[$0] }
    recomputed = layout.recomputed.mapValues { tensors[$0] }
    recomputations = layout.recomputations
    saved = layout.saved.map { $0.map { tensors[$0] } }
    halves = PlanHalves(layout, tensors: tensors, offsets: memory.offsets, arena: arena)
    gradients = layout.gradients.map { $0.map { tensors[$0] } }
    // The loss writes the gradients of the trained outputs before anything else; one that is only read has
    // those of its readers alone.
    var written = structure.trained
    var targets = [[GradientTarget?]](repeating: [], count: nodes.count)
    for i in nodes.indices.reversed() where gradients[i] != nil {
      for source in structure.inputs[i] {
        guard source >= 0, !nodes[i].isDetached, let gradient = gradients[source] else {
          targets[i].append(nil)
          continue
        }
        // The last consumer comes first on the way back: it overwrites, the others add.
        targets[i].append(
          GradientTarget(gradient, accumulate: !written.insert(source).inserted))
      }
    }
    self.targets = targets
  }

  /// The output of a layer; valid until another tensor takes its memory (of the network's outputs and
  /// its last layer: until backward).
  package func output(of layer: Int) -> Tensor { outputs[layer] }

  /// What the first layers read: the input, normalised where the network does that.
  package var normalizedInput: Tensor { seen }

  /// Whether a layer computes anything in this plan.
  func runs(_ layer: Int) -> Bool { structure.runs[layer] }

  /// The layers whose outputs a layer reads, aliases replaced by what they stand for.
  func sources(of layer: Int) -> [Int] { structure.inputs[layer] }

  /// How a layer of a quantised network meets bytes; of another network nothing is bytes.
  package func byteUse(of layer: Int) -> ByteUse {
    guard let flow else { return ByteUse(readsBytes: false, makesBytes: false, wantsBytes: false) }
    let place = layer < 0 ? flow.input : flow.places[layer]
    return ByteUse(
      readsBytes: place.readsBytes, makesBytes: place.makesBytes, wantsBytes: place.wantsBytes)
  }

  /// The convolution that computes a `[shortcut]` before it stores anything; nil where none does.
  package func convolution(summing layer: Int) -> Int? {
    let root = structure.roots[layer]
    return root != layer && structure.sums[root] != nil && nodes[layer].layer is Shortcut
      ? root : nil
  }

  /// Whether a convolution's own output is never stored, but the sum of a `[shortcut]` that reads it.
  package func sumsShortcut(_ layer: Int) -> Bool { structure.sums[layer] != nil }

  /// Where the loss writes dL/doutput of an output that is trained; nil for layers that no loss
  /// reaches, and in inference.
  package func gradient(of layer: Int) -> Tensor? { gradients[layer] }

  /// Mean and variance of a layer's output where the layer knows them; nil for other layers, and in inference unless
  /// the plan keeps moments.
  ///
  /// Valid until backward.
  package func moments(of layer: Int) -> TensorMoments? {
    guard !saved[layer].isEmpty else { return nil }
    return (nodes[layer].layer as? any MomentLayer)?.moments(in: saved[layer])
  }

  /// Where the loss may add dL/dσ² of such a layer before backward; nil for layers that do not
  /// take it, and in inference.
  package func varianceGradient(of layer: Int) -> Tensor? {
    guard mode == .training else { return nil }
    return (nodes[layer].layer as? any MomentLayer)?.varianceGradient(in: saved[layer])
  }

  /// What ``init`` would need for activations, saved tensors and gradients, in bytes; nothing is
  /// allocated.
  ///
  /// - Throws: ``LayerError`` if the size does not go through the layers.
  static func arenaBytes(
    nodes: [LayerNode], outputs: [Output], input shape: Shape, mode: Mode, saving: SavedPrecision
  ) throws -> Int {
    let structure = PlanStructure(nodes, outputs: outputs, mode: mode, keepsMoments: false)
    let layout = try PlanLayout(
      nodes: nodes, structure, input: shape, mode: mode, saving: saving)
    return MemoryPlan(layout.requests).count * MemoryLayout<Float>.stride
  }

  /// Runs all layers on ``input``.
  ///
  /// - Parameters:
  ///   - random: Noise of this pass; each layer gets its own stream.
  ///   - observer: Called with the index of every layer that is done.
  package func forward(
    random: RandomStream = RandomStream(seed: 0), observer: ((Int) -> Void)? = nil
  ) {
    normalization?.apply(input, into: seen)
    if let seenBytes { backend.quantize(seen, into: seenBytes) }
    for (i, node) in nodes.enumerated() {
      defer { observer?(i) }
      guard structure.runs[i] else { continue }
      let sources = structure.inputs[i]
      let place = flow?.places[i] ?? ByteFlow.Place()
      node.layer.forward(
        ForwardPass(
          backend: backend, inputs: sources.map { value(of: $0, asBytes: place.readsBytes) },
          output: value(of: i, asBytes: place.makesBytes), saved: saved[i],
          mode: node.mode(in: mode), random: node.stream(of: random),
          inputSaved: sources.first.map { $0 < 0 ? [] : saved[$0] } ?? [],
          shortcut: structure.sums[i].map {
            .init(
              addend: value(of: $0.source, asBytes: place.readsBytes), activation: $0.activation)
          }))
      if place.makesBytes && place.wantsFloats {
        backend.dequantize(value(of: i, asBytes: true), into: outputs[i])
      } else if !place.makesBytes && place.wantsBytes {
        backend.quantize(outputs[i], into: value(of: i, asBytes: true))
      }
      halves.narrow(after: i, backend)
    }
  }

  /// Runs all layers backwards from the gradients that the loss wrote; adds to the parameters'
  /// gradients.
  ///
  /// - Parameters:
  ///   - iteration: Updates made so far: layers that are closed in this one are left out.
  ///   - observer: Called with the index of every layer that is done.
  package func backward(iteration: Int = 0, observer: ((Int) -> Void)? = nil) {
    precondition(mode == .training, "backward needs a training plan")
    for (i, node) in nodes.enumerated().reversed() {
      defer { observer?(i) }
      let step = 2 * nodes.count - i
      // A layer that is closed may come before one that reads the same.
      halves.widen(before: step, backend)
      guard node.training.closedIterations <= iteration else { continue }
      for source in recomputations[i] ?? [] { recompute(source, at: step) }
      guard structure.runs[i], structure.reached[i], let gradient = gradients[i] else { continue }
      let inputs = structure.inputs[i].map { $0 < 0 ? seen : value(of: $0, at: step) }
      node.layer.backward(
        BackwardPass(
          backend: backend, inputs: inputs, output: value(of: i, at: step),
          outputGradient: gradient, inputGradients: targets[i],
          saved: halves.saved(saved[i], of: i, at: step)))
    }
  }

  /// A layer's output as backward reads it.
  private func value(of layer: Int, at step: Int) -> Tensor {
    recomputed[layer] ?? halves.output(of: layer, at: step) ?? outputs[layer]
  }

  private func recompute(_ layer: Int, at step: Int) {
    guard let output = recomputed[layer],
      let recomputable = nodes[layer].layer as? any RecomputableLayer
    else { return }
    recomputable.recompute(
      from: halves.saved(saved[layer], of: layer, at: step), backend: backend, into: output)
  }

  private func value(of source: Int, asBytes: Bool) -> Tensor {
    guard asBytes else { return source < 0 ? seen : outputs[source] }
    guard let tensor = source < 0 ? seenBytes : bytes[source] else {
      preconditionFailure("no bytes of layer \(source)")
    }
    return tensor
  }
}

/// Which forms of a tensor a layer of a quantised network reads and leaves.
package struct ByteUse: Hashable, Sendable {
  /// Whether the layer reads bytes.
  package let readsBytes: Bool
  /// Whether it stores bytes; floats are then made of those.
  package let makesBytes: Bool
  /// Whether its output is read as bytes.
  package let wantsBytes: Bool
}
