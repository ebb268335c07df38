package import Compute
package import Detection
package import Layers
import Networks

/// The filters of a head's convolution that give the class logits, as if their weights were uncertain too.
package struct ClassFilters {
  private let convolution: Convolution
  private let columns: [Int]
  private let classCount: Int

  /// Those of a head, in the convolution that it reads.
  package init(head: DetectionHead, convolution: Convolution) {
    self.convolution = convolution
    classCount = head.classCount
    let layout = head.layout
    let entries = layout.count(classCount: head.classCount)
    columns = (0..<head.anchorCount).flatMap { anchor in
      (0..<head.classCount).map { anchor * entries + layout.firstClass + $0 }
    }
  }

  /// The variances of the logits for weights w ~ N(k, λ k²): σ² = x² * (λ k²).
  ///
  /// - Parameters:
  ///   - input: x, what the convolution reads, [N, H, W, C].
  ///   - factors: λ of each anchor.
  ///   - backend: Does the work.
  /// - Returns: [N, H, W, A · L] in this order.
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package func variances(
    of input: Tensor, factors: [Float], backend: any Backend
  ) throws -> [Float] {
    precondition(factors.count * classCount == columns.count, "\(factors.count) relative variances")
    let kernels = convolution.weights.values.values
    var squares: [Float] = []
    squares.reserveCapacity(kernels.count / convolution.filters * columns.count)
    for row in stride(from: 0, to: kernels.count, by: convolution.filters) {
      for (place, column) in columns.enumerated() {
        squares.append(factors[place / classCount] * kernels[row + column] * kernels[row + column])
      }
    }
    var shape = convolution.weights.values.shape
    shape.channels = columns.count
    guard let output = convolution.geometry.outputShape(of: input.shape, filters: columns.count)
    else { preconditionFailure("a kernel that does not fit what it reads") }
    let variances = try Tensor(output, on: backend)
    backend.convolveSquares(
      input, weights: try Tensor(shape, values: squares, on: backend),
      geometry: convolution.geometry, into: variances)
    return variances.values
  }
}
