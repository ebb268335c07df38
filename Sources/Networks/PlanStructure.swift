import Layers

/// Which layers of a network a plan runs, and what they read.
struct PlanStructure {
  /// Whether Bayesian layers keep their moments in inference.
  let keepsMoments: Bool
  /// The layer whose output a layer's output is: itself, unless it is an alias.
  let roots: [Int]
  /// What each layer reads, aliases replaced by what they stand for.
  let inputs: [[Int]]
  /// Sums that convolutions take over from shortcuts, in inference.
  let sums: [Int: ShortcutFusion.Sum]
  /// Whether a layer does anything: aliases do not, nor branches in inference without moments.
  let runs: [Bool]
  /// Layers whose output the loss may read; it writes the gradient of those that are reached.
  let terminals: Set<Int>
  /// Layers with a path to a terminal.
  let reached: [Bool]

  init(_ nodes: [LayerNode], mode: Mode, keepsMoments: Bool) {
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
    let runsBranches = mode == .training || keepsMoments
    runs = nodes.indices.map { roots[$0] == $0 && (runsBranches || !nodes[$0].isBranch) }
    let logits = Classifier(nodes).map { [roots] in roots[$0.logits] }
    terminals = PlanStructure.terminals(nodes, logits: logits)
    reached = PlanStructure.reached(nodes, terminals, logits: logits)
  }

  /// Heads, the last layers of branches, a classifier's logits, and the last layer.
  private static func terminals(_ nodes: [LayerNode], logits: Int?) -> Set<Int> {
    var terminals = Set(nodes.indices.filter { nodes[$0].head != nil || $0 == nodes.count - 1 })
    if let logits { terminals.insert(logits) }
    for node in nodes {
      if let branch = node.objectness?.branch, branch.mode != .series {
        terminals.insert(branch.layer)
      }
    }
    return terminals
  }

  /// Layers with a path to a head or a branch's end; where there is no head, to a classifier's logits,
  /// or else to the last layer.
  private static func reached(
    _ nodes: [LayerNode], _ terminals: Set<Int>, logits: Int?
  ) -> [Bool] {
    let hasHead = nodes.contains { $0.head != nil }
    var reached = nodes.indices.map {
      if let logits { return $0 == logits }
      return terminals.contains($0) && (!hasHead || nodes[$0].head != nil || nodes[$0].isBranch)
    }
    for (i, node) in nodes.enumerated().reversed() where reached[i] {
      for source in node.inputs where source >= 0 { reached[source] = true }
    }
    return reached
  }
}
