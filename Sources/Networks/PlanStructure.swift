import Layers

/// Which layers of a network a plan runs, and what they read.
struct PlanStructure {
  /// Whether layers keep their moments in inference.
  let keepsMoments: Bool
  /// The layer whose output a layer's output is: itself, unless it is an alias.
  let roots: [Int]
  /// What each layer reads, aliases replaced by what they stand for.
  let inputs: [[Int]]
  /// Sums that convolutions take over from shortcuts, in inference.
  let sums: [Int: ShortcutFusion.Sum]
  /// Whether a layer does anything: aliases do not, nor optional ones in inference without moments.
  let runs: [Bool]
  /// Layers whose output may be read after the forward pass: the outputs, and the last layer.
  let terminals: Set<Int>
  /// Layers whose output's gradient a loss writes.
  let trained: Set<Int>
  /// Layers that a gradient comes to: they have a path to an output that is trained, and are not
  /// closed for good.
  let reached: [Bool]

  init(_ nodes: [LayerNode], outputs: [Output], mode: Mode, keepsMoments: Bool) {
    self.keepsMoments = keepsMoments
    var roots: [Int] = []
    // The last layer keeps a tensor of its own: its gradient is the loss's to write.
    for (i, node) in nodes.enumerated() {
      roots.append(node.isAlias(in: mode) && i < nodes.count - 1 ? roots[node.inputs[0]] : i)
    }
    let fusion = ShortcutFusion(nodes, roots: roots, isEnabled: mode == .inference)
    for i in roots.indices { roots[i] = fusion.convolutions[roots[i]] ?? roots[i] }
    sums = fusion.sums
    self.roots = roots
    inputs = nodes.map { $0.inputs.map { $0 < 0 ? $0 : roots[$0] } }
    let runsOptional = mode == .training || keepsMoments
    runs = nodes.indices.map { roots[$0] == $0 && (runsOptional || !nodes[$0].isOptional) }
    terminals = Set(outputs.map { roots[$0.node] } + [nodes.count - 1])
    let trained = Set(outputs.filter(\.isTrained).map { roots[$0.node] })
    let isOpen = nodes.map { $0.training.closedIterations < .max }
    var reached = nodes.indices.map { trained.contains($0) && isOpen[$0] }
    for (i, node) in nodes.enumerated().reversed() where reached[i] && !node.isDetached {
      for source in node.inputs where source >= 0 && isOpen[source] { reached[source] = true }
    }
    self.trained = trained
    self.reached = reached
  }
}
