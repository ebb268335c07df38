package import Compute
package import Detection
package import Layers
import Networks
import Uncertainty

/// The filters of a head's convolution that give the objectness logits.
package struct ObjectnessFilters {
  private let convolution: Convolution
  private let columns: [Int]

  /// Those of a head, in the convolution that it reads.
  package init(head: DetectionHead, convolution: Convolution) {
    self.convolution = convolution
    let entries = HeadEntry.count(classCount: head.classCount)
    columns = (0..<head.anchorCount).map { $0 * entries + HeadEntry.objectness }
  }

  /// Moments of the objectness logits from those of what the convolution reads.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package func propagate(_ moments: TensorMoments, backend: any Backend) throws -> TensorMoments {
    return try MomentPropagation.convolve(
      moments,
      weights: try Tensor(
        Shape(width: moments.mean.shape.channels, channels: columns.count), values: weights,
        on: backend),
      bias: try Tensor(Shape(channels: columns.count), values: biases, on: backend),
      geometry: ConvolutionGeometry(size: 1), backend: backend)
  }

  /// Writes them into a Bayesian layer's mean.
  func fill(_ bayes: ConvBayes) {
    bayes.weights.values.update(from: weights)
    bayes.biases.values.update(from: biases)
  }

  private var weights: [Float] {
    let all = convolution.weights.values.values
    return stride(from: 0, to: all.count, by: convolution.filters).flatMap { row in
      columns.map { all[row + $0] }
    }
  }

  private var biases: [Float] {
    let all = convolution.biases.values.values
    return columns.map { all[$0] }
  }

  /// Writes a Bayesian layer's mean into them.
  func adopt(_ bayes: ConvBayes) {
    let filters = convolution.filters
    let weights = bayes.weights.values.values
    let biases = bayes.biases.values.values
    convolution.weights.values.withMutableHostValues { values in
      for (anchor, column) in columns.enumerated() {
        for row in 0..<values.count / filters {
          values[row * filters + column] = weights[row * columns.count + anchor]
        }
      }
    }
    convolution.biases.values.withMutableHostValues { values in
      for (anchor, column) in columns.enumerated() { values[column] = biases[anchor] }
    }
  }
}

/// A Bayesian layer that replaces a head's objectness, and the head's own filters.
struct ObjectnessTie: ParameterTie {
  let filters: ObjectnessFilters
  let bayes: ConvBayes

  /// The mean is written into the head's own convolution: inference needs no branch.
  func trainedDidChange() { filters.adopt(bayes) }

  /// A weights file has no branches: the Bayesian layer takes over the head's own weights.
  func storedWereLoaded() { filters.fill(bayes) }
}
