/// The loss of a batch in named parts, for every output that has one.
///
/// All are sums, so that values of outputs, images and subdivisions add up.
package struct LossValue: Sendable, Equatable {
  /// The names of the parts.
  package let parts: [String]
  /// Output by output, the value of each part.
  package private(set) var outputs: [[Double]]

  /// Zero, for as many outputs.
  package init(parts: [String], outputCount: Int) {
    self.init(
      parts: parts,
      outputs: Array(repeating: Array(repeating: 0, count: parts.count), count: outputCount))
  }

  /// The values of each output's parts.
  package init(parts: [String], outputs: [[Double]]) {
    precondition(outputs.allSatisfy { $0.count == parts.count }, "values of other parts")
    self.parts = parts
    self.outputs = outputs
  }

  /// The optimised loss of one output.
  package func total(ofOutput output: Int) -> Double { outputs[output].reduce(0, +) }

  /// The optimised loss: the sum of all parts of all outputs.
  package var total: Double { sums.reduce(0, +) }

  /// Each part, summed over the outputs.
  package var sums: [Double] {
    parts.indices.map { part in outputs.reduce(0) { $0 + $1[part] } }
  }

  /// Adds every value.
  package static func += (sum: inout LossValue, other: LossValue) {
    precondition(sum.parts == other.parts && sum.outputs.count == other.outputs.count)
    for output in sum.outputs.indices {
      for part in sum.parts.indices { sum.outputs[output][part] += other.outputs[output][part] }
    }
  }
}
