/// Memory of the host, for tensors that no backend has to reach: loaded images on their way to one,
/// parameters of a network that is only counted or edited.
///
/// The ``CPUBackend`` computes in the same memory.
package struct HostMemory: MemorySource {
  /// The host's memory.
  package init() {}

  /// A zeroed, 64-byte aligned block.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package func allocate(_ count: Int, of type: ElementType) throws -> any Buffer {
    try CPUBuffer(count: count, of: type)
  }
}
