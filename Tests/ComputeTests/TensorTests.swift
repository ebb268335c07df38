import Compute
import TestSupport
import Testing

@Suite struct TensorTests {
  @Test(arguments: [0, 1, 15, 16, 17, 1000, 1 << 20])
  func buffersAreAlignedAndZeroed(_ count: Int) throws {
    let buffer = try HostMemory().allocate(count, of: .float32)
    #expect(buffer.count == count && buffer.byteCount == 4 * count)
    buffer.withHostBytes(0..<count) { #expect(Int(bitPattern: $0.baseAddress) % 64 == 0) }
    let tensor = Tensor(Shape(channels: count), in: buffer, at: 0)
    #expect(tensor.values.allSatisfy { $0 == 0 })
  }

  @Test func tooLargeABufferThrows() {
    #expect(throws: ComputeError.self) { try HostMemory().allocate(1 << 58, of: .float32) }
  }

  @Test func viewsShareTheirBuffer() throws {
    let buffer = try HostMemory().allocate(10, of: .float32)
    let first = Tensor(Shape(channels: 6), in: buffer, at: 0)
    let second = Tensor(Shape(width: 2, channels: 3), in: buffer, at: 4)
    first.update(from: [1, 2, 3, 4, 5, 6])
    #expect(second.values == [5, 6, 0, 0, 0, 0])
    second.withMutableHostValues { $0[0] = 50 }
    #expect(first.values == [1, 2, 3, 4, 50, 6])
    let reshaped = first.reshaped(Shape(height: 3, channels: 2))
    reshaped.withMutableHostValues { $0[5] = 60 }
    #expect(first.values == [1, 2, 3, 4, 50, 60])
    let copy = try Tensor(Shape(channels: 6))
    copy.update(from: first)
    first.update(from: [Float](repeating: 0, count: 6))
    #expect(copy.values == [1, 2, 3, 4, 50, 60])
  }

  @Test func elementsHaveASize() throws {
    for (type, size) in [(ElementType.float32, 4), (.int32, 4), (.int8, 1), (.uint8, 1)] {
      let buffer = try HostMemory().allocate(7, of: type)
      #expect(type.size == size && buffer.byteCount == 7 * size && buffer.elementType == type)
      let bytes = (0..<UInt8(3 * size)).map { $0 + 1 }
      buffer.withMutableHostBytes(2..<5) { $0.copyBytes(from: bytes) }
      buffer.withHostBytes(0..<7) {
        #expect(
          Array($0) == [UInt8](repeating: 0, count: 2 * size) + bytes
            + [UInt8](repeating: 0, count: 2 * size))
      }
      #expect(Tensor(Shape(channels: 3), in: buffer, at: 4).elementType == type)
    }
  }

  /// The host's view of memory that it cannot reach is written back.
  @Test func viewsOfOtherMemoryAreCopies() throws {
    let remote = RemoteBackend(pool: try ThreadPool(threadCount: 1))
    let tensor = try Tensor(Shape(channels: 5), values: [1, 2, 3, 4, 5], on: remote)
    tensor.withMutableHostValues { $0[3] = 40 }
    let other = try Tensor(Shape(channels: 5))
    other.update(from: tensor)
    #expect(other.values == [1, 2, 3, 40, 5])
    remote.exchange(tensor, try Tensor(tensor.shape, values: [9, 8, 7, 6, 5], on: remote))
    #expect(tensor.values == [9, 8, 7, 6, 5])
    #expect(remote.allocationCount == 2)
  }

  @Test func shapesCount() {
    let shape = Shape(batch: 8, height: 13, width: 14, channels: 512)
    #expect(shape.rows == 8 * 13 * 14)
    #expect(shape.countPerImage == 13 * 14 * 512)
    #expect(shape.count == 8 * 13 * 14 * 512)
    #expect(shape.description == "8x13x14x512")
    #expect(Shape(channels: 3) == Shape(batch: 1, height: 1, width: 1, channels: 3))
  }

  @Test func errorsSayWhatToDo() {
    #expect(
      ComputeError.noThreads(0).description
        == "cannot start 0 threads; give a number from 1 to the number of cores with --threads")
    #expect(
      ComputeError.outOfMemory(bytes: 3 << 20).description
        == "cannot allocate 3 MiB; use a smaller input size or batch")
  }
}
