import Compute
import Layers

extension Network {
  /// Scales channels so that those of a tensor fill its bytes alike, and what reads them back: the network
  /// computes what it did, but for rounding.
  ///
  /// f(s · z) = s · f(z) for s > 0 lets a factor pass from the filters of one convolution to the channels of
  /// the only one that reads it. To a depthwise reader, whose filters have scales of their own, all of it
  /// goes; else the root of it, weighed against the reader's weights, whose filters share a scale over all
  /// channels. (Nagel and others 2019; Xiao and others 2023.)
  ///
  /// - Parameter statistics: Of this network; it has to be taken anew afterwards.
  /// - Returns: The convolutions whose filters were scaled.
  @discardableResult
  package func equalizeChannels(_ statistics: CalibrationStatistics) -> [Int] {
    let structure = PlanStructure(nodes, outputs: outputs, mode: .inference, keepsMoments: true)
    var readers = [[Int]](repeating: [], count: nodes.count)
    for i in nodes.indices where structure.roots[i] == i {
      for source in structure.inputs[i] where source >= 0 { readers[source].append(i) }
      if let source = structure.sums[i]?.source { readers[source].append(i) }
    }
    return nodes.indices.filter { i in
      guard structure.sums[i] == nil, !structure.terminals.contains(i), readers[i].count == 1,
        let convolution = nodes[i].layer as? Convolution,
        [.linear, .leaky, .relu].contains(convolution.activation),
        let reader = nodes[readers[i][0]].layer as? Convolution,
        QuantizedConvolution.obstacle(to: reader) == nil,
        let peaks = statistics.peaks(of: readers[i][0])
      else { return false }
      let factors = reader.channelFactors(peaks)
      convolution.scaleFilters(by: factors.map { 1 / $0 })
      reader.scaleChannels(by: factors)
      return true
    }
  }
}

extension Convolution {
  /// How many times larger than the others' a channel of the input is, 1 for the largest.
  fileprivate func channelFactors(_ peaks: [Float]) -> [Float] {
    var sizes = peaks
    if geometry.groups == 1 {
      let shape = weights.values.shape
      var largest = [Float](repeating: 0, count: shape.width)
      for (i, value) in weights.values.values.enumerated() {
        let channel = i / shape.channels % shape.width
        largest[channel] = max(largest[channel], abs(value))
      }
      sizes = zip(peaks, largest).map { $1 > 0 ? ($0 / $1).squareRoot() : 0 }
    }
    // What is hardly ever there need not be seen as well as the rest.
    let most = sizes.max() ?? 0
    return sizes.map { $0 > 0 ? max($0 / most, 1 / 32) : 1 }
  }

  /// Multiplies what a filter gives before the activation.
  fileprivate func scaleFilters(by factors: [Float]) {
    func scale(_ parameter: Parameter) {
      parameter.values.withMutableHostValues { values in
        for i in values.indices { values[i] *= factors[i % filters] }
      }
    }
    scale(biases)
    scale(normalization?.scales ?? weights)
    parametersDidChange()
  }

  /// Multiplies the weights of each channel of the input.
  fileprivate func scaleChannels(by factors: [Float]) {
    let shape = weights.values.shape
    weights.values.withMutableHostValues { values in
      for i in values.indices {
        let (row, filter) = (i / shape.channels, i % shape.channels)
        values[i] *= factors[geometry.groups > 1 ? filter : row % shape.width]
      }
    }
    parametersDidChange()
  }
}
