import Glibc

/// A 64-byte aligned block of floats, freed with its last reference.
package final class Buffer {
  /// The number of floats.
  package let count: Int
  package let pointer: UnsafeMutablePointer<Float>

  /// A zeroed block; its pages take memory only once they are written to.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(count: Int) throws {
    let bytes = Buffer.bytes(count)
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { throw ComputeError.outOfMemory(bytes: bytes) }
    // Large pages spare the address translation; where there are none, small ones will do.
    if bytes >= 4 << 20 { madvise(memory, bytes, MADV_HUGEPAGE) }
    self.count = count
    pointer = memory.bindMemory(to: Float.self, capacity: max(1, count))
  }

  deinit { munmap(pointer, Buffer.bytes(count)) }

  private static func bytes(_ count: Int) -> Int {
    max(1, count) * MemoryLayout<Float>.stride
  }
}

/// Float values of a ``Shape`` in memory that a backend works on, possibly shared with other
/// tensors whose lifetimes do not overlap.
///
/// A tensor is a handle: copying it does not copy the values.
package struct Tensor {
  /// N, H, W, C.
  package let shape: Shape
  private let buffer: Buffer
  private let offset: Int

  /// A zeroed tensor with memory of its own.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(_ shape: Shape) throws {
    self.init(shape, in: try Buffer(count: shape.count), at: 0)
  }

  /// A tensor with the given values in NHWC order; their number must be that of the shape.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(_ shape: Shape, values: [Float]) throws {
    precondition(values.count == shape.count, "\(values.count) values for \(shape)")
    try self.init(shape)
    pointer.update(from: values, count: values.count)
  }

  /// A view of a part of a buffer.
  package init(_ shape: Shape, in buffer: Buffer, at offset: Int) {
    precondition(offset >= 0 && offset + shape.count <= buffer.count, "tensor outside its buffer")
    self.shape = shape
    self.buffer = buffer
    self.offset = offset
  }

  /// The same values under another shape of equal count.
  package func reshaped(_ shape: Shape) -> Tensor {
    precondition(shape.count == self.shape.count, "reshape changes the count")
    return Tensor(shape, in: buffer, at: offset)
  }

  /// A view of some of the images.
  package func images(_ range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= shape.batch, "no such images")
    var part = shape
    part.batch = range.count
    return Tensor(part, in: buffer, at: offset + range.lowerBound * shape.countPerImage)
  }

  /// The number of values.
  package var count: Int { shape.count }

  package var pointer: UnsafeMutablePointer<Float> { buffer.pointer + offset }

  /// Reads the values on the host, in NHWC order.
  package func withValues<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(start: pointer, count: count))
  }

  /// Changes the values on the host, in NHWC order.
  package func withMutableValues<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeMutableBufferPointer(start: pointer, count: count))
  }

  /// A copy of the values in NHWC order.
  package var values: [Float] { withValues { Array($0) } }

  /// Copies values in; their number must be that of the shape.
  package func update(from values: [Float]) {
    precondition(values.count == count, "\(values.count) values for \(shape)")
    pointer.update(from: values, count: count)
  }

  /// Copies the values of a tensor of equal count.
  package func update(from other: Tensor) {
    precondition(other.count == count, "\(other.shape) into \(shape)")
    pointer.update(from: other.pointer, count: count)
  }
}
