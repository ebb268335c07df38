import Compute

/// A block that the host sees copies of.
final class RemoteBuffer: Buffer {
  /// Where the CPU that computes for the remote backend has it.
  let near: any Buffer
  var count: Int { near.count }
  var elementType: ElementType { near.elementType }

  init(_ near: any Buffer) { self.near = near }

  func viewed(as type: ElementType) -> any Buffer { RemoteBuffer(near.viewed(as: type)) }

  func withHostBytes<Result, Failure: Error>(
    _ elements: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let copy = download(elements)
    defer { copy.deallocate() }
    return try body(UnsafeRawBufferPointer(copy))
  }

  func withMutableHostBytes<Result, Failure: Error>(
    _ elements: Range<Int>, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let copy = download(elements)
    defer {
      near.withMutableHostBytes(elements) { $0.copyMemory(from: UnsafeRawBufferPointer(copy)) }
      copy.deallocate()
    }
    return try body(copy)
  }

  private func download(_ elements: Range<Int>) -> UnsafeMutableRawBufferPointer {
    let copy = UnsafeMutableRawBufferPointer.allocate(
      byteCount: elements.count * elementType.size, alignment: 64)
    near.withHostBytes(elements) { copy.copyMemory(from: $0) }
    return copy
  }
}
