/// A block of memory that belongs to a backend, freed with its last reference.
///
/// Only its backend knows where it lies. The host sees a part of it for the time of a call.
package protocol Buffer: AnyObject {
  /// The number of elements.
  var count: Int { get }
  /// What they are.
  var elementType: ElementType { get }
  /// The same memory as elements of another type, as many as there is room for.
  func viewed(as type: ElementType) -> any Buffer
  /// Calls `body` with the bytes of a range of elements, to be read; a copy where the memory is not
  /// the host's.
  func withHostBytes<Result, Failure: Error>(
    _ elements: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result
  /// Calls `body` with the bytes of a range of elements, to be changed; a copy, written back
  /// afterwards, where the memory is not the host's.
  func withMutableHostBytes<Result, Failure: Error>(
    _ elements: Range<Int>, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result
}

extension Buffer {
  /// The number of bytes.
  package var byteCount: Int { count * elementType.size }
}

/// Where buffers come from: a backend, or the ``HostMemory`` for what is not computed with.
package protocol MemorySource {
  /// A zeroed block of `count` elements.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  func allocate(_ count: Int, of type: ElementType) throws -> any Buffer
}
