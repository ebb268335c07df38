import Compute
import Foundation
import TestSupport
import Testing

/// Rounding to bfloat16 and back, bit for bit on every instruction set.
@Suite struct HalfTests {
  private static func backends() throws -> [CPUBackend] {
    let pool = try ThreadPool(threadCount: 3)
    return InstructionSet.supported.map { CPUBackend(pool: pool, instructionSet: $0) }
      + [CPUBackend(pool: pool, engine: .portable)]
  }

  private static func halves(_ count: Int) throws -> Tensor {
    Tensor(
      Shape(channels: count), in: try HostMemory().allocate(count, of: .bfloat16), at: 0)
  }

  private static func bits(_ tensor: Tensor) -> [UInt16] {
    tensor.buffer.withHostBytes(tensor.offset..<tensor.offset + tensor.count) {
      Array($0.assumingMemoryBound(to: UInt16.self))
    }
  }

  /// Written out from IEEE 754's rule: the nearer neighbour, of equals that with an even last bit; infinity
  /// takes the place of 2^128.
  private static func nearest(_ value: Float) -> UInt16 {
    let below = UInt16(value.bitPattern >> 16)
    if value.isNaN { return below | 0x40 }
    if value.isInfinite { return below }
    // From the bits: threads of a pool take denormals for 0.
    func magnitude(_ bits: UInt32) -> Double {
      let (exponent, mantissa) = (Int(bits >> 23 & 0xff), Double(bits & 0x7f_ffff))
      return exponent == 0
        ? mantissa * 0x1p-149 : (mantissa + 0x1p23) * exp2(Double(exponent - 150))
    }
    let own = magnitude(value.bitPattern)
    let (down, up) = (
      own - magnitude(UInt32(below) << 16), magnitude(UInt32(below + 1) << 16) - own
    )
    return down < up || (down == up && below % 2 == 0) ? below : below + 1
  }

  @Test func byHand() throws {
    // 1 + 2^-8 lies between 1 and 1 + 2^-7: to even, down; 1 + 3 · 2^-8 up; a bit more than half, up. The
    // largest float becomes infinite; the smallest denormal 0; denormals keep their upper bits.
    let cases: [(UInt32, UInt16)] = [
      (0x3f80_8000, 0x3f80), (0x3f81_8000, 0x3f82), (0x3f80_8001, 0x3f81), (0xbf80_8001, 0xbf81),
      (0x7f7f_ffff, 0x7f80), (0x7f80_0000, 0x7f80), (0xff80_0000, 0xff80), (0x0000_0001, 0),
      (0x8000_0001, 0x8000), (0x0001_8000, 0x0002), (0x7f80_0001, 0x7fc0), (0xffc1_2345, 0xffc1),
      (0x7fff_ffff, 0x7fff), (0x0000_0000, 0), (0x8000_0000, 0x8000), (0x3fff_ffff, 0x4000),
      (0x0000_8001, 0x0001), (0x4049_0fdb, 0x4049),
    ]
    for backend in try Self.backends() {
      // As a whole, in vectors, and one by one, at the end.
      let input = try Tensor(
        Shape(channels: cases.count), values: cases.map { Float(bitPattern: $0.0) })
      let output = try Self.halves(cases.count)
      backend.narrow(input, into: output)
      #expect(Self.bits(output) == cases.map(\.1))
      for (bits, expected) in cases {
        let one = try Self.halves(1)
        backend.narrow(
          try Tensor(Shape(channels: 1), values: [Float(bitPattern: bits)]), into: one)
        #expect(Self.bits(one) == [expected], "\(String(bits, radix: 16))")
      }
    }
  }

  @Test(arguments: ElementwiseTests.counts)
  func anyBits(_ count: Int) throws {
    var random = RandomStream(seed: UInt64(count))
    let values = (0..<count).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
    }
    let expected = values.map(Self.nearest)
    let input = try Tensor(Shape(channels: count), values: values)
    for backend in try Self.backends() {
      let output = try Self.halves(count)
      backend.narrow(input, into: output)
      #expect(Self.bits(output) == expected)
    }
  }

  @Test func allHalvesComeBack() throws {
    let all = (0...UInt16.max).map { $0 }
    let input = try Self.halves(all.count)
    input.buffer.withMutableHostBytes(0..<all.count) { bytes in
      all.withUnsafeBytes { bytes.copyMemory(from: $0) }
    }
    for backend in try Self.backends() {
      let output = try poisoned(input.shape)
      backend.widen(input, into: output)
      #expect(output.values.map(\.bitPattern) == all.map { UInt32($0) << 16 })
    }
  }

  @Test func viewsShareMemory() throws {
    let floats = try Tensor(Shape(channels: 3), values: [1, -2, 3.5])
    let view = floats.buffer.viewed(as: .bfloat16)
    #expect(view.count == 6 && view.elementType == .bfloat16 && view.byteCount == 12)
    #expect(Self.bits(Tensor(Shape(channels: 2), in: view, at: 2)) == [0, 0xc000])
  }
}
