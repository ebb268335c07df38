import Layers
package import Networks
import Uncertainty

/// Which layers of a network serve branches alone: Bayesian ones, and those for the place of boxes.
package struct BranchStructure {
  /// Layers of branches, which inference can do without.
  private(set) var branch: Set<Int> = []
  /// Single routes that lead back to the head after a branch.
  private(set) var returns: Set<Int> = []
  /// Layers that read without handing a gradient back.
  private(set) var detached: Set<Int> = []

  private let branches: [UncertaintyBranch]
  private let placeLayers: Set<Int>

  init(_ nodes: [LayerNode], _ outputs: [Output]) {
    branches = outputs.branches
    placeLayers = Set(outputs.placeLayers.map(\.layer))
    guard nodes.contains(where: { $0.layer is ConvBayes }) || !placeLayers.isEmpty else { return }
    // What a branch's own loss trains serves the branch.
    var needed = Set(outputs.filter { $0.meaning != nil }.map(\.node))
    if needed.isEmpty { needed.insert(nodes.count - 1) }
    for index in nodes.indices.reversed() where needed.contains(index) {
      needed.formUnion(nodes[index].inputs)
    }
    branch = Set(
      nodes.indices.filter {
        (nodes[$0].layer is ConvBayes || placeLayers.contains($0)) && !needed.contains($0)
      })
    returns = Set(
      nodes.indices.filter { nodes[$0].isAlias(in: .training) && branch.contains($0 - 1) })
    for branch in branches where branch.mode == .accompanyDetached {
      detached.formUnion(BranchStructure.chain(endingAt: branch.layer, nodes).prefix(1))
    }
    detached.formUnion(outputs.placeLayers.filter(\.isDetached).map(\.layer))
  }

  /// The layers of a branch in order: convBayes layers that feed each other.
  package static func chain(endingAt layer: Int, _ nodes: [LayerNode]) -> [Int] {
    var chain = [layer]
    while let bayes = nodes[chain[0]].layer as? ConvBayes, bayes.readsMoments {
      chain.insert(nodes[chain[0]].inputs[0], at: 0)
    }
    return chain
  }

  /// The nodes, told what they are.
  func marked(_ nodes: [LayerNode]) -> [LayerNode] {
    var nodes = nodes
    var (removed, places) = (0, 0)
    for index in nodes.indices {
      nodes[index].isOptional = branch.contains(index)
      if detached.contains(index) { nodes[index].isDetached = true }
      nodes[index].mainIndex = index - removed
      let isPlace = placeLayers.contains(index)
      nodes[index].drawIndex = isPlace ? nodes.count + index - removed : index - places
      if isPlace || placeLayers.contains(index - 1) && returns.contains(index) { places += 1 }
      if branch.contains(index) || returns.contains(index) { removed += 1 }
    }
    return nodes
  }

  /// The first layer for the place of boxes that others read.
  var sharedPlace: Int? { placeLayers.sorted().first { !branch.contains($0) } }

  /// The first branch layer that no output uses.
  func unused(_ nodes: [LayerNode]) -> Int? {
    var used = placeLayers
    for branch in branches {
      used.formUnion(BranchStructure.chain(endingAt: branch.layer, nodes))
    }
    return branch.sorted().first { !used.contains($0) }
  }
}
