package import Compute

/// What outside of the layers may read of a network, and whose gradient a loss writes.
package struct Output: Sendable {
  /// The layer that gives it.
  package let node: Int
  /// Whether a loss writes dL/doutput: training goes backwards from here.
  package let isTrained: Bool
  /// What the values are, for whoever gave the network its layers; nil: they serve another output.
  package let meaning: (any OutputMeaning)?

  /// An output.
  package init(node: Int, isTrained: Bool, meaning: (any OutputMeaning)? = nil) {
    self.node = node
    self.isTrained = isTrained
    self.meaning = meaning
  }
}

/// What the values of an output are: the graph hands it on and does not look inside.
package protocol OutputMeaning: Sendable {
  /// Why an input of another size cannot be used.
  ///
  /// - Parameters:
  ///   - input: The input in question.
  ///   - own: The network's own input, of which `output` is made.
  ///   - output: The output for `own`.
  /// - Returns: The reason; nil: it can be used, as far as the output knows.
  func problem(withInput input: Shape, own: Shape, output: Shape) -> String?
  /// Why an output of this shape cannot be used; nil: it can.
  func problem(withOutput output: Shape, ofInput input: Shape) -> String?
}

extension OutputMeaning {
  /// Any size will do.
  package func problem(withInput input: Shape, own: Shape, output: Shape) -> String? { nil }
  /// Any shape will do.
  package func problem(withOutput output: Shape, ofInput input: Shape) -> String? { nil }
}
