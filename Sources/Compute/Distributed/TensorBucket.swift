/// Tensors that are summed over the ranks in one piece: every message costs time of its own.
package struct TensorBucket {
  private let tensors: [Tensor]
  private let memory: Tensor

  /// A bucket as large as the tensors together.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(_ tensors: [Tensor]) throws {
    self.tensors = tensors
    memory = try Tensor(
      Shape(channels: max(1, tensors.reduce(0) { $0 + $1.count })), on: HostMemory())
  }

  /// The bytes of the tensors together.
  package var byteCount: Int { memory.buffer.byteCount }

  /// Overwrites the tensors with their sums over the ranks, times a factor.
  ///
  /// - Parameters:
  ///   - group: The ranks, all with tensors of the same shapes.
  ///   - factor: 1: the sums; 1 / count: the means.
  package func sum(over group: any ProcessGroup, times factor: Float = 1) {
    memory.withMutableHostValues { all in
      var start = 0
      for tensor in tensors {
        let part = UnsafeMutableBufferPointer(rebasing: all[start..<start + tensor.count])
        tensor.withHostValues { _ = part.update(fromContentsOf: $0) }
        start += tensor.count
      }
      group.sum(UnsafeMutableBufferPointer(rebasing: all[..<start]))
      start = 0
      for tensor in tensors {
        let part = UnsafeMutableBufferPointer(rebasing: all[start..<start + tensor.count])
        if factor != 1 { for index in part.indices { part[index] *= factor } }
        tensor.withMutableHostValues { _ = $0.update(fromContentsOf: part) }
        start += tensor.count
      }
    }
  }
}
