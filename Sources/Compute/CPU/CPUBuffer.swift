import Glibc

/// A 64-byte aligned, zeroed block of the host's memory.
///
/// Its pages take memory only once they are written to.
final class CPUBuffer: Buffer {
  let count: Int
  let elementType: ElementType
  private let memory: UnsafeMutableRawPointer
  /// Whose memory it is, nil: its own.
  private let owner: CPUBuffer?

  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  init(count: Int, of type: ElementType = .float32) throws {
    let bytes = CPUBuffer.reserved(count, type)
    let block = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let block, block != MAP_FAILED else { throw ComputeError.outOfMemory(bytes: bytes) }
    // Large pages spare the address translation; where there are none, small ones will do.
    if bytes >= 4 << 20 { madvise(block, bytes, MADV_HUGEPAGE) }
    self.count = count
    elementType = type
    memory = block
    owner = nil
    if type == .float32 { block.bindMemory(to: Float.self, capacity: max(1, count)) }
  }

  private init(_ owner: CPUBuffer, as type: ElementType) {
    self.owner = owner
    memory = owner.memory
    elementType = type
    count = owner.byteCount / type.size
  }

  deinit { if owner == nil { munmap(memory, CPUBuffer.reserved(count, elementType)) } }

  func viewed(as type: ElementType) -> any Buffer { CPUBuffer(self, as: type) }

  private static func reserved(_ count: Int, _ type: ElementType) -> Int {
    max(1, count) * type.size
  }

  /// The first of its floats.
  var floats: UnsafeMutablePointer<Float> {
    precondition(elementType == .float32, "\(elementType) elements where floats are expected")
    return memory.assumingMemoryBound(to: Float.self)
  }

  /// The first of its bytes, whatever they belong to.
  var bytes: UnsafeMutableRawPointer { memory }

  func withHostBytes<Result, Failure: Error>(
    _ elements: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(part(elements)))
  }

  func withMutableHostBytes<Result, Failure: Error>(
    _ elements: Range<Int>, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(part(elements))
  }

  private func part(_ elements: Range<Int>) -> UnsafeMutableRawBufferPointer {
    precondition(elements.lowerBound >= 0 && elements.upperBound <= count, "outside the buffer")
    return UnsafeMutableRawBufferPointer(
      start: memory + elements.lowerBound * elementType.size,
      count: elements.count * elementType.size)
  }
}

extension Tensor {
  /// The first value, for code of the CPU backend; another backend's tensor is a mistake.
  var pointer: UnsafeMutablePointer<Float> {
    guard let own = buffer as? CPUBuffer else {
      preconditionFailure("a tensor of another backend was handed to the CPU's")
    }
    return own.floats + offset
  }

  var kernel: KernelPointer { KernelPointer(pointer) }

  /// The first of its bytes, whatever its elements are.
  var bytePointer: BytePointer {
    guard let own = buffer as? CPUBuffer else {
      preconditionFailure("a tensor of another backend was handed to the CPU's")
    }
    return BytePointer(own.bytes + offset * elementType.size)
  }
}
