/// Values of a ``Shape`` in a backend's memory, possibly shared with other tensors whose lifetimes do
/// not overlap.
///
/// A tensor is a handle: copying it does not copy the values. The host reaches them only through the
/// views below, which may cost a transfer.
package struct Tensor {
  /// N, H, W, C.
  package let shape: Shape
  /// Where the values lie.
  package let buffer: any Buffer
  /// The first value's index in the buffer.
  package let offset: Int
  /// What the values stand for if they are bytes.
  package private(set) var quantization: Quantization?

  /// A zeroed tensor of floats with memory of its own.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(_ shape: Shape, on memory: any MemorySource) throws {
    self.init(shape, in: try memory.allocate(shape.count, of: .float32), at: 0)
  }

  /// A tensor with the given values in NHWC order; their number must be that of the shape.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(_ shape: Shape, values: [Float], on memory: any MemorySource) throws {
    try self.init(shape, on: memory)
    update(from: values)
  }

  /// A view of a part of a buffer, from element `offset` on.
  package init(_ shape: Shape, in buffer: any Buffer, at offset: Int) {
    precondition(offset >= 0 && offset + shape.count <= buffer.count, "tensor outside its buffer")
    self.shape = shape
    self.buffer = buffer
    self.offset = offset
  }

  /// The same values, which are bytes, with what they stand for.
  package func quantized(as quantization: Quantization) -> Tensor {
    precondition(elementType == .uint8, "\(elementType) values taken for bytes")
    var tensor = self
    tensor.quantization = quantization
    return tensor
  }

  /// The same values under another shape of equal count.
  package func reshaped(_ shape: Shape) -> Tensor {
    precondition(shape.count == self.shape.count, "reshape changes the count")
    return like(Tensor(shape, in: buffer, at: offset))
  }

  /// A view of some of the images.
  package func images(_ range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= shape.batch, "no such images")
    var part = shape
    part.batch = range.count
    return like(Tensor(part, in: buffer, at: offset + range.lowerBound * shape.countPerImage))
  }

  private func like(_ view: Tensor) -> Tensor {
    var view = view
    view.quantization = quantization
    return view
  }

  /// The number of values.
  package var count: Int { shape.count }
  /// What the values are.
  package var elementType: ElementType { buffer.elementType }
}

// MARK: - The host's view

extension Tensor {
  /// Reads the values on the host, in NHWC order.
  package func withHostValues<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(elementType == .float32, "\(elementType) values read as floats")
    return try buffer.withHostBytes(offset..<offset + count) {
      (bytes) throws(Failure) -> Result in
      try body(bytes.assumingMemoryBound(to: Float.self))
    }
  }

  /// Changes the values on the host, in NHWC order.
  package func withMutableHostValues<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(elementType == .float32, "\(elementType) values changed as floats")
    return try buffer.withMutableHostBytes(offset..<offset + count) {
      (bytes) throws(Failure) -> Result in
      try body(bytes.assumingMemoryBound(to: Float.self))
    }
  }

  /// A copy of the values of a tensor of bytes, in NHWC order.
  package var bytes: [UInt8] {
    precondition(elementType == .uint8, "\(elementType) values read as bytes")
    return buffer.withHostBytes(offset..<offset + count) { Array($0) }
  }

  /// A copy of the values in NHWC order.
  package var values: [Float] { withHostValues { Array($0) } }

  /// Copies values in; their number must be that of the shape.
  package func update(from values: [Float]) {
    precondition(values.count == count, "\(values.count) values for \(shape)")
    withMutableHostValues { _ = $0.update(fromContentsOf: values) }
  }

  /// Copies the values of a tensor of equal count, by way of the host: the two may lie in different
  /// memories.
  package func update(from other: Tensor) {
    precondition(other.count == count, "\(other.shape) into \(shape)")
    other.withHostValues { values in withMutableHostValues { _ = $0.update(fromContentsOf: values) }
    }
  }
}
