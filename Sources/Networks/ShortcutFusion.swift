import Compute
import Layers

/// Shortcuts that inference computes where a convolution stores its output: the convolution's own
/// output is never in memory, and the sum costs no pass.
struct ShortcutFusion {
  /// What is added to a convolution's output, and f after the sum.
  struct Sum: Hashable {
    let source: Int
    let activation: Activation
  }

  /// By convolution.
  let sums: [Int: Sum]
  /// The convolution that computes a shortcut, by shortcut.
  let convolutions: [Int: Int]

  /// Those of `nodes`, where `roots` has the layer whose output a layer's output is; none unless
  /// enabled: training needs the convolutions' own outputs.
  init(_ nodes: [LayerNode], roots: [Int], isEnabled: Bool) {
    var sums: [Int: Sum] = [:]
    var convolutions: [Int: Int] = [:]
    var readers = [Int](repeating: 0, count: nodes.count)
    for (i, node) in nodes.enumerated() where roots[i] == i {
      for input in node.inputs where input >= 0 { readers[roots[input]] += 1 }
    }
    // The last layer keeps a tensor of its own.
    for (i, node) in nodes.enumerated().dropLast() where isEnabled {
      guard let shortcut = node.layer as? Shortcut, node.inputs.count == 2,
        node.inputs.allSatisfy({ $0 >= 0 }), node.inputShapes[0] == node.inputShapes[1]
      else { continue }
      let (own, other) = (roots[node.inputs[0]], roots[node.inputs[1]])
      guard let activation = fusedActivation(nodes[own].layer, shortcut), readers[own] == 1,
        other < own, activation == .linear || shortcut.activation == .linear
      else { continue }
      sums[own] = Sum(
        source: convolutions[other] ?? other, activation: shortcut.activation)
      convolutions[i] = own
    }
    self.sums = sums
    self.convolutions = convolutions
  }
}

/// The activation of a convolution that can compute a shortcut; nil for other layers.
private func fusedActivation(_ layer: any Layer, _ shortcut: Shortcut) -> Activation? {
  if let convolution = layer as? QuantizedConvolution {
    // Bytes are added before anything that takes a pass of its own.
    return convolution.fusesActivation && QuantizedEpilogue.fused.contains(shortcut.activation)
      ? convolution.activation : nil
  }
  return (layer as? Convolution)?.activation
}
