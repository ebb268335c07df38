import Compute
import Layers

/// Which tensors a plan needs and when they live.
struct PlanLayout {
  private(set) var shapes: [Shape] = []
  private(set) var requests: [MemoryPlan.Request] = []
  private(set) var requestShapes: [Shape] = []
  /// Request index of each layer's output, saved tensors, output gradient; an alias has those of the
  /// layer that it stands for.
  private(set) var outputs: [Int] = []
  private(set) var saved: [[Int]] = []
  private(set) var gradients: [Int?] = []
  /// Tensors of bytes, counted in floats of memory, and each layer's among them.
  private(set) var byteRequests: [MemoryPlan.Request] = []
  private(set) var bytes: [Int?] = []
  /// Request index of an output that backward makes anew, by layer: it does not live in between.
  private(set) var recomputed: [Int: Int] = [:]
  /// The layers to recompute before a layer's backward pass.
  private(set) var recomputations: [Int: [Int]] = [:]
  /// What is kept as halves, by the request of its floats on the way forward.
  private(set) var halves: [Int: Kept] = [:]

  init(
    nodes: [LayerNode], _ structure: PlanStructure, flow: ByteFlow? = nil, input: Shape, mode: Mode,
    saving: SavedPrecision = .float32
  ) throws {
    let end = nodes.count
    func backwardStep(_ layer: Int) -> Int { 2 * end - layer }

    var lastUse = Array(nodes.indices)
    var firstGradient = [Int?](repeating: nil, count: end)
    // Layers whose backward passes read a layer's output.
    var readers = [[Int]](repeating: [], count: end)
    // Steps of backward that read a layer's output as it is, not made anew.
    var readingSteps = [[Int]](repeating: [], count: end)
    var forwardUse = lastUse
    let reached = structure.reached
    for (i, node) in nodes.enumerated() where structure.runs[i] {
      let isTerminal = structure.terminals.contains(i)
      if isTerminal { (lastUse[i], forwardUse[i]) = (end, end) }
      if mode == .training && structure.trained.contains(i) { firstGradient[i] = end }
      if mode == .training && reached[i] {
        if node.layer.backwardReads.contains(.output) {
          lastUse[i] = backwardStep(i)
          readingSteps[i].append(backwardStep(i))
        }
      }
      if let source = structure.sums[i]?.source { lastUse[source] = max(lastUse[source], i) }
      for source in structure.inputs[i] where source >= 0 {
        lastUse[source] = max(lastUse[source], i)
        forwardUse[source] = max(forwardUse[source], i)
        guard mode == .training, reached[i] else { continue }
        if node.layer.backwardReads.contains(.inputs) { readers[source].append(i) }
        guard !node.isDetached, reached[source] else { continue }
        firstGradient[source] = min(firstGradient[source] ?? .max, backwardStep(i))
      }
    }

    var recomputedSteps: [Int: ClosedRange<Int>] = [:]
    for (source, readers) in readers.enumerated() {
      guard let last = readers.max(), let first = readers.min() else { continue }
      if lastUse[source] < end, reached[source],
        (nodes[source].layer as? any RecomputableLayer)?.canRecompute == true
      {
        recomputedSteps[source] = backwardStep(last)...backwardStep(first)
        recomputations[last, default: []].append(source)
      } else {
        lastUse[source] = max(lastUse[source], backwardStep(first))
        readingSteps[source] += readers.map(backwardStep)
      }
    }

    for (i, node) in nodes.enumerated() {
      let inputs = node.inputs.map { $0 < 0 ? input : shapes[$0] }
      let output = try node.layer.outputShape(for: inputs)
      shapes.append(output)
      let root = structure.roots[i]
      guard root == i else {
        outputs.append(outputs[root])
        bytes.append(bytes[root])
        saved.append([])
        gradients.append(gradients[root])
        continue
      }
      // What never runs takes no room.
      let hasFloats = structure.runs[i] && flow?.places[i].hasFloats != false
      if saving == .bfloat16, structure.runs[i], forwardUse[i] < end, !readingSteps[i].isEmpty {
        outputs.append(
          requestHalves(output, floats: i...forwardUse[i], readingSteps[i]))
      } else {
        outputs.append(
          hasFloats ? request(output, i...lastUse[i]) : request(Shape(channels: 1), i...i))
      }
      if structure.runs[i], flow?.places[i].hasBytes == true {
        bytes.append(byteRequests.count)
        byteRequests.append(.init(count: (output.count + 3) / 4, lifetime: i...lastUse[i]))
      } else {
        bytes.append(nil)
      }
      var savedHere: [Int] = []
      if node.mode(in: mode) == .training {
        let last = reached[i] ? backwardStep(i) : i
        let steps = [last] + (recomputedSteps[i].map { [$0.lowerBound] } ?? [])
        let roundable =
          saving == .bfloat16 && reached[i] && structure.runs[i] ? node.layer.roundableSaved : 0
        for (index, shape) in try node.layer.savedShapes(for: inputs).enumerated() {
          savedHere.append(
            index < roundable
              ? requestHalves(shape, floats: i...i, steps) : request(shape, i...last))
        }
      } else if structure.keepsMoments, let layer = node.layer as? any MomentLayer {
        for shape in try layer.momentShapes(for: inputs) {
          savedHere.append(request(shape, i...end))
        }
      }
      saved.append(savedHere)
      if let steps = recomputedSteps[i] { recomputed[i] = request(output, steps) }
      if let first = firstGradient[i] {
        gradients.append(request(output, first...backwardStep(i)))
      } else {
        gradients.append(nil)
      }
    }
  }

  /// The request of a tensor's floats on the way forward; its halves and its floats on the way back have
  /// their own.
  private mutating func requestHalves(
    _ shape: Shape, floats: ClosedRange<Int>, _ steps: [Int]
  ) -> Int {
    let forward = request(shape, floats)
    let runs = Self.runs(of: steps)
    let lifetime = floats.upperBound...(runs.last?.lowerBound ?? floats.upperBound)
    let half = request(Shape(channels: (shape.count + 1) / 2), lifetime)
    halves[forward] = Kept(
      request: half, last: floats.upperBound,
      readings: runs.map { (steps: $0, request: request(shape, $0)) })
    return forward
  }

  private mutating func request(_ shape: Shape, _ lifetime: ClosedRange<Int>) -> Int {
    requests.append(MemoryPlan.Request(count: shape.count, lifetime: lifetime))
    requestShapes.append(shape)
    return requests.count - 1
  }
}
