import Compute
import Layers

/// What the tensors of a network hold for the images that it is calibrated on.
package struct CalibrationStatistics {
  /// Values by the first layer of each group of tensors that share their bytes; -1 is the input.
  package private(set) var histograms: [Int: ValueHistogram] = [:]
  /// What is in each channel of what a convolution reads, by convolution.
  private var channels: [Int: Channels] = [:]
  private let groups: [Int]

  private struct Channels {
    var sums: [Double]
    var peaks: [Float]
    var rows = 0
  }
  private let network: Network

  /// Nothing seen yet.
  package init(_ network: Network) {
    self.network = network
    groups = network.byteGroups
  }

  /// Runs a plan of the network, whose input is filled, and takes note of every tensor.
  package mutating func add(_ plan: NetworkPlan) {
    var readers: [Int: [Int]] = [:]
    for (i, node) in network.nodes.enumerated() where node.layer is Convolution {
      readers[plan.sources(of: i)[0], default: []].append(i)
    }
    let groups = groups
    var histograms = histograms
    var channels = channels
    func note(_ layer: Int, _ tensor: Tensor) {
      tensor.withHostValues { histograms[layer < 0 ? -1 : groups[layer], default: .init()].add($0) }
      guard let readers = readers[layer] else { return }
      let own = Self.channels(of: tensor)
      for reader in readers {
        guard let old = channels[reader] else {
          channels[reader] = own
          continue
        }
        channels[reader] = Channels(
          sums: zip(old.sums, own.sums).map { $0 + $1 },
          peaks: zip(old.peaks, own.peaks).map { max($0, $1) }, rows: old.rows + own.rows)
      }
    }
    var isFirst = true
    plan.forward { layer in
      if isFirst { note(-1, plan.normalizedInput) }
      isFirst = false
      if plan.runs(layer) { note(layer, plan.output(of: layer)) }
    }
    self.histograms = histograms
    self.channels = channels
  }

  /// The mean of each channel of what a convolution reads, [C].
  func means(of convolution: Int) -> [Float]? {
    channels[convolution].map { own in own.sums.map { Float($0 / Double(own.rows)) } }
  }

  /// The largest size of each channel of what a convolution reads, [C].
  func peaks(of convolution: Int) -> [Float]? { channels[convolution]?.peaks }

  /// The bytes of all tensors by a rule; nil for those that were 0 throughout.
  package func quantization(by rule: RangeRule) -> NetworkQuantization {
    let found = histograms.mapValues { $0.quantization(by: rule) }
    return NetworkQuantization(
      input: found[-1] ?? nil, outputs: groups.map { found[$0] ?? nil })
  }

  private static func channels(of tensor: Tensor) -> Channels {
    let channels = tensor.shape.channels
    var sums = [Double](repeating: 0, count: channels)
    var peaks = [Float](repeating: 0, count: channels)
    tensor.withHostValues { values in
      // Single precision for a pixel line, double beyond.
      var partial = [Float](repeating: 0, count: channels)
      for (line, start) in stride(from: 0, to: values.count, by: channels).enumerated() {
        for c in 0..<channels {
          partial[c] += values[start + c]
          peaks[c] = max(peaks[c], abs(values[start + c]))
        }
        if line % 64 == 63 {
          for c in 0..<channels { sums[c] += Double(partial[c]) }
          for c in 0..<channels { partial[c] = 0 }
        }
      }
      for c in 0..<channels { sums[c] += Double(partial[c]) }
    }
    return Channels(sums: sums, peaks: peaks, rows: tensor.shape.rows)
  }
}
