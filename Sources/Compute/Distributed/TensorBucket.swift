/// Tensors that are summed over the ranks: small ones in one piece, since every message costs time of
/// its own, and large ones where they lie, since every copy does.
package struct TensorBucket {
  private let large: [Tensor]
  private let small: [Tensor]
  private let memory: Tensor

  /// Values of each rank's part from which on a tensor is large: copying them takes longer than a
  /// message.
  package static let largePart = 1 << 15

  /// A bucket for tensors, as large as the small ones together.
  ///
  /// - Parameters:
  ///   - tensors: Summed in this order.
  ///   - ranks: How many add them up.
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(_ tensors: [Tensor], ranks: Int) throws {
    large = tensors.filter { $0.count >= ranks * Self.largePart }
    small = tensors.filter { $0.count < ranks * Self.largePart }
    memory = try Tensor(
      Shape(channels: max(1, small.reduce(0) { $0 + $1.count })), on: HostMemory())
  }

  /// Overwrites the tensors with their sums over the ranks, times a factor.
  ///
  /// - Parameters:
  ///   - group: The ranks, all with tensors of the same shapes.
  ///   - factor: 1: the sums; 1 / count: the means.
  package func sum(over group: any ProcessGroup, times factor: Float = 1) {
    for tensor in large {
      tensor.withMutableHostValues { values in
        group.sum(values)
        Self.scale(values, by: factor)
      }
    }
    guard !small.isEmpty else { return }
    memory.withMutableHostValues { all in
      forEachPart(of: all) { part, tensor in
        tensor.withHostValues { _ = part.update(fromContentsOf: $0) }
      }
      group.sum(all)
      Self.scale(all, by: factor)
      forEachPart(of: all) { part, tensor in
        tensor.withMutableHostValues { _ = $0.update(fromContentsOf: part) }
      }
    }
  }

  private func forEachPart(
    of all: UnsafeMutableBufferPointer<Float>,
    _ body: (UnsafeMutableBufferPointer<Float>, Tensor) -> Void
  ) {
    var start = 0
    for tensor in small {
      body(UnsafeMutableBufferPointer(rebasing: all[start..<start + tensor.count]), tensor)
      start += tensor.count
    }
  }

  private static func scale(_ values: UnsafeMutableBufferPointer<Float>, by factor: Float) {
    guard factor != 1 else { return }
    for index in values.indices { values[index] *= factor }
  }
}
