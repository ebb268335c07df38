package import Compute

/// The objectness logits among those of a head, [N, H, W, A·(5 + L)], in the order N, H, W, A; of a
/// `[Gaussian_yolo]` [N, H, W, A·(9 + L)].
package struct ObjectnessLogits {
  private let tensor: Tensor
  private let entryCount: Int
  private let objectness: Int

  /// A view of a head's logits, or of their gradient.
  package init(_ tensor: Tensor, head: DetectionHead) {
    self.tensor = tensor
    entryCount = head.channelCount / head.anchorCount
    objectness = head.layout.objectness
  }

  /// All of them.
  package var values: [Float] {
    tensor.withHostValues { values in
      stride(from: objectness, to: values.count, by: entryCount).map { values[$0] }
    }
  }

  /// Overwrites them with [N, H, W, A].
  package func write(_ source: Tensor) {
    source.withHostValues { source in
      tensor.withMutableHostValues { values in
        precondition(source.count * entryCount == values.count, "\(source.count) objectness values")
        for place in source.indices {
          values[place * entryCount + objectness] = source[place]
        }
      }
    }
  }

  /// Overwrites [N, H, W, A] with them and sets them to 0.
  package func move(into target: Tensor) {
    target.withMutableHostValues { target in
      tensor.withMutableHostValues { values in
        precondition(target.count * entryCount == values.count, "\(target.count) objectness values")
        for place in target.indices {
          target[place] = values[place * entryCount + objectness]
          values[place * entryCount + objectness] = 0
        }
      }
    }
  }
}
