package import Compute
import Layers

/// What the tensors of a network are as bytes, by the layer that gives them.
///
/// Layers that only move values (`[maxpool]`, `[upsample]`, `[route]`) pass bytes on where their inputs and
/// their output stand for the same values.
package struct NetworkQuantization: Sendable, Equatable, Codable {
  /// Of the network's input as the first layers see it.
  package var input: Quantization?
  /// Of the outputs of layers; nil: the output is never bytes.
  package var outputs: [Quantization?]

  /// Bytes of the input and of outputs.
  package init(input: Quantization?, outputs: [Quantization?]) {
    self.input = input
    self.outputs = outputs
  }

  /// Whether all of it can be computed with, which what was decoded need not be.
  package var isUsable: Bool {
    input?.isUsable != false && outputs.allSatisfy { $0?.isUsable != false }
  }

  /// That of a layer's output; -1 is the network's input.
  package subscript(_ layer: Int) -> Quantization? { layer < 0 ? input : outputs[layer] }
}

extension Network {
  /// For each layer the first one whose output must be the same as bytes, -1 for the input: a layer that
  /// moves values cannot change what they stand for.
  package var byteGroups: [Int] {
    let structure = PlanStructure(nodes, outputs: outputs, mode: .inference, keepsMoments: true)
    // Index 0 is the input.
    var parents = Array(0...nodes.count)
    func root(_ i: Int) -> Int {
      var i = i
      while parents[i] != i { i = parents[i] }
      return i
    }
    func join(_ a: Int, _ b: Int) {
      let (a, b) = (root(a + 1), root(b + 1))
      parents[max(a, b)] = min(a, b)
    }
    for (i, node) in nodes.enumerated() {
      join(i, structure.roots[i])
      if structure.roots[i] == i && node.movesBytes {
        for input in structure.inputs[i] { join(i, input) }
      }
    }
    return nodes.indices.map { root($0 + 1) - 1 }
  }
}

extension LayerNode {
  /// Whether the layer gives values of its inputs and nothing else.
  var movesBytes: Bool {
    switch layer {
    case is MaxPool, is Route: true
    case let upsample as Upsample: upsample.scale == 1
    default: false
    }
  }
}
