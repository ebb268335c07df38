public import Compute
public import Layers

/// The tensors of a network for one batch, input size and mode: shapes, memory and order of work are
/// settled here once, and every pass reuses them.
///
/// Time runs forward through the layers (steps 0..<n), the loss (step n), and back (step 2n − i for
/// layer i). A tensor occupies memory only between its first and last use.
public final class NetworkPlan {
  /// Training or inference.
  public let mode: Mode
  /// The network's input [N, H, W, C], to be filled before ``forward(random:)``.
  public let input: Tensor
  /// Output shape of every layer.
  public let shapes: [Shape]
  /// Bytes of activations, saved tensors and gradients together.
  public let arenaBytes: Int

  private let backend: any Backend
  private let nodes: [LayerNode]
  private let outputs: [Tensor]
  private let saved: [[Tensor]]
  private let gradients: [Tensor?]
  private let targets: [[GradientTarget?]]

  /// Plans a network.
  ///
  /// - Throws: ``LayerError`` if the size does not go through the layers; ``ComputeError``.
  init(nodes: [LayerNode], backend: any Backend, input shape: Shape, mode: Mode) throws {
    self.mode = mode
    self.backend = backend
    self.nodes = nodes
    let layout = try PlanLayout(nodes: nodes, input: shape, mode: mode)
    let memory = MemoryPlan(layout.requests)
    let arena = try Buffer(count: memory.count)
    let tensors = layout.requests.indices.map {
      Tensor(layout.requestShapes[$0], in: arena, at: memory.offsets[$0])
    }
    input = try Tensor(shape)
    shapes = layout.shapes
    arenaBytes = memory.count * MemoryLayout<Float>.stride
    outputs = layout.outputs.map { tensors[$0] }
    saved = layout.saved.map { $0.map { tensors[$0] } }
    gradients = layout.gradients.map { $0.map { tensors[$0] } }
    // The loss writes the gradients of the terminal layers before anything else.
    var written = Set(nodes.indices.filter { nodes[$0].head != nil || $0 == nodes.count - 1 })
    var targets = [[GradientTarget?]](repeating: [], count: nodes.count)
    for i in nodes.indices.reversed() where gradients[i] != nil {
      for source in nodes[i].inputs {
        guard source >= 0, let gradient = gradients[source] else {
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

  /// The output of a layer; valid until another tensor takes its memory (heads: until backward).
  public func output(of layer: Int) -> Tensor { outputs[layer] }

  /// Where the loss writes dL/doutput of a head or of the last layer; nil for others that no loss
  /// reaches, and in inference.
  public func gradient(of layer: Int) -> Tensor? { gradients[layer] }

  /// What ``init`` would need for activations, saved tensors and gradients, in bytes; nothing is
  /// allocated.
  ///
  /// - Throws: ``LayerError`` if the size does not go through the layers.
  static func arenaBytes(nodes: [LayerNode], input shape: Shape, mode: Mode) throws -> Int {
    let layout = try PlanLayout(nodes: nodes, input: shape, mode: mode)
    return MemoryPlan(layout.requests).count * MemoryLayout<Float>.stride
  }

  /// Runs all layers on ``input``.
  ///
  /// - Parameters:
  ///   - random: Noise of this pass; each layer gets its own stream.
  ///   - observer: Called with the index of every layer that is done.
  public func forward(
    random: RandomStream = RandomStream(seed: 0), observer: ((Int) -> Void)? = nil
  ) {
    for (i, node) in nodes.enumerated() {
      defer { observer?(i) }
      node.layer.forward(
        ForwardPass(
          backend: backend, inputs: values(of: node.inputs), output: outputs[i], saved: saved[i],
          mode: mode, random: random.split(UInt64(i))))
    }
  }

  /// Runs all layers backwards from the gradients that the loss wrote; adds to the parameters'
  /// gradients.
  ///
  /// - Parameter observer: Called with the index of every layer that is done.
  public func backward(observer: ((Int) -> Void)? = nil) {
    precondition(mode == .training, "backward needs a training plan")
    for (i, node) in nodes.enumerated().reversed() {
      defer { observer?(i) }
      guard let gradient = gradients[i] else { continue }
      node.layer.backward(
        BackwardPass(
          backend: backend, inputs: values(of: node.inputs), output: outputs[i],
          outputGradient: gradient, inputGradients: targets[i], saved: saved[i]))
    }
  }

  private func values(of sources: [Int]) -> [Tensor] {
    sources.map { $0 < 0 ? input : outputs[$0] }
  }
}

/// Which tensors a plan needs and when they live.
private struct PlanLayout {
  private(set) var shapes: [Shape] = []
  private(set) var requests: [MemoryPlan.Request] = []
  private(set) var requestShapes: [Shape] = []
  /// Request index of each layer's output, saved tensors, output gradient.
  private(set) var outputs: [Int] = []
  private(set) var saved: [[Int]] = []
  private(set) var gradients: [Int?] = []

  init(nodes: [LayerNode], input: Shape, mode: Mode) throws {
    let end = nodes.count
    func backwardStep(_ layer: Int) -> Int { 2 * end - layer }

    var lastUse = Array(nodes.indices)
    var firstGradient = [Int?](repeating: nil, count: end)
    let reached = PlanLayout.reachedByLoss(nodes)
    for (i, node) in nodes.enumerated() {
      let isTerminal = node.head != nil || i == end - 1
      if isTerminal { lastUse[i] = end }
      if mode == .training && reached[i] {
        if isTerminal { firstGradient[i] = end }
        if node.layer.backwardReads.contains(.output) { lastUse[i] = backwardStep(i) }
      }
      for source in node.inputs where source >= 0 {
        lastUse[source] = max(lastUse[source], i)
        guard mode == .training, reached[i] else { continue }
        if node.layer.backwardReads.contains(.inputs) {
          lastUse[source] = max(lastUse[source], backwardStep(i))
        }
        firstGradient[source] = min(firstGradient[source] ?? .max, backwardStep(i))
      }
    }

    for (i, node) in nodes.enumerated() {
      let inputs = node.inputs.map { $0 < 0 ? input : shapes[$0] }
      let output = try node.layer.outputShape(for: inputs)
      shapes.append(output)
      outputs.append(request(output, i...lastUse[i]))
      var savedHere: [Int] = []
      if mode == .training {
        let last = reached[i] ? backwardStep(i) : i
        for shape in try node.layer.savedShapes(for: inputs) {
          savedHere.append(request(shape, i...last))
        }
      }
      saved.append(savedHere)
      if let first = firstGradient[i] {
        gradients.append(request(output, first...backwardStep(i)))
      } else {
        gradients.append(nil)
      }
    }
  }

  private mutating func request(_ shape: Shape, _ lifetime: ClosedRange<Int>) -> Int {
    requests.append(MemoryPlan.Request(count: shape.count, lifetime: lifetime))
    requestShapes.append(shape)
    return requests.count - 1
  }

  /// Layers with a path to a head, or to the last layer where there is no head.
  private static func reachedByLoss(_ nodes: [LayerNode]) -> [Bool] {
    var reached = nodes.map { $0.head != nil }
    if !reached.contains(true), !reached.isEmpty { reached[reached.count - 1] = true }
    for (i, node) in nodes.enumerated().reversed() where reached[i] {
      for source in node.inputs where source >= 0 { reached[source] = true }
    }
    return reached
  }
}
