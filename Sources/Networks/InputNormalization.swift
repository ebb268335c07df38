import Compute

/// Brings the values of pictures, 0...1, to about mean 0 and deviation 1, channel by channel.
///
///     y = (x − mean) / deviation
///
/// It belongs to the network: zero padding of the first convolution then stands for the mean colour,
/// which no change of the weights could say.
package struct InputNormalization: Sendable, Hashable {
  /// Of each channel.
  package let mean: [Float]
  /// Of each channel, above 0.
  package let deviation: [Float]

  /// One value a channel.
  package init(mean: [Float], deviation: [Float]) {
    precondition(mean.count == deviation.count && deviation.allSatisfy { $0 > 0 })
    self.mean = mean
    self.deviation = deviation
  }

  /// Writes the values of an input [N, H, W, C] for the first layers.
  func apply(_ input: Tensor, into output: Tensor) {
    let channels = mean.count
    precondition(input.shape == output.shape && input.shape.channels == channels)
    let factors = deviation.map { 1 / $0 }
    let offsets = zip(mean, factors).map { -$0 * $1 }
    input.withHostValues { source in
      output.withMutableHostValues { target in
        for start in stride(from: 0, to: source.count, by: channels) {
          for channel in 0..<channels {
            target[start + channel] = source[start + channel] * factors[channel] + offsets[channel]
          }
        }
      }
    }
  }
}
