import Compute
import Foundation
import TestSupport
import Testing

/// Convolutions of bytes against sums of whole numbers written out, bit for bit, on every instruction set
/// of this CPU.
@Suite struct QuantizedConvolutionTests {
  private static let shapes: [(Shape, Int, ConvolutionGeometry)] = [
    // 1 × 1: whole words and panels; channels that fill no word; many rows; many panels; one filter.
    (Shape(batch: 1, height: 13, width: 13, channels: 64), 96, ConvolutionGeometry(size: 1)),
    (Shape(batch: 2, height: 5, width: 7, channels: 13), 21, ConvolutionGeometry(size: 1)),
    (Shape(batch: 2, height: 19, width: 27, channels: 20), 65, ConvolutionGeometry(size: 1)),
    (Shape(batch: 1, height: 4, width: 5, channels: 66), 260, ConvolutionGeometry(size: 1)),
    (Shape(batch: 2, height: 3, width: 3, channels: 8), 1, ConvolutionGeometry(size: 1)),
    // 1 × 1 with a stride, which reads lines.
    (Shape(height: 9, width: 8, channels: 20), 17, ConvolutionGeometry(size: 1, stride: 2)),
    // 3 × 3: the first layer; deep and small; no and more padding; tasks with lines of their own.
    (
      Shape(batch: 1, height: 20, width: 22, channels: 3), 16,
      ConvolutionGeometry(size: 3, padding: 1)
    ),
    (
      Shape(batch: 2, height: 7, width: 5, channels: 48), 70,
      ConvolutionGeometry(size: 3, padding: 1)
    ),
    (Shape(batch: 1, height: 6, width: 9, channels: 18), 33, ConvolutionGeometry(size: 3)),
    (
      Shape(batch: 1, height: 5, width: 4, channels: 7), 5, ConvolutionGeometry(size: 3, padding: 2)
    ),
    (
      Shape(batch: 2, height: 50, width: 40, channels: 8), 9,
      ConvolutionGeometry(size: 3, padding: 1)
    ),
    // Strides, other kernels, dilation.
    (
      Shape(batch: 2, height: 15, width: 14, channels: 12), 40,
      ConvolutionGeometry(size: 3, stride: 2, padding: 1)
    ),
    (
      Shape(batch: 1, height: 66, width: 63, channels: 5), 24,
      ConvolutionGeometry(size: 3, stride: 2, padding: 1)
    ),
    (Shape(height: 11, width: 12, channels: 9), 6, ConvolutionGeometry(size: 5, padding: 2)),
    (
      Shape(height: 5, width: 6, channels: 3), 20,
      ConvolutionGeometry(size: 2, stride: 3, padding: 4)
    ),
    (
      Shape(height: 12, width: 11, channels: 10), 12,
      ConvolutionGeometry(size: 3, padding: 2, dilation: 2)
    ),
    // Depthwise: whole and cut vectors, both strides, another kernel.
    (
      Shape(batch: 2, height: 9, width: 8, channels: 35), 35,
      ConvolutionGeometry(size: 3, padding: 1, groups: 35)
    ),
    (
      Shape(batch: 1, height: 13, width: 10, channels: 32), 32,
      ConvolutionGeometry(size: 3, stride: 2, padding: 1, groups: 32)
    ),
    (
      Shape(batch: 1, height: 8, width: 9, channels: 6), 6,
      ConvolutionGeometry(size: 5, padding: 2, groups: 6)
    ),
  ]

  @Test(arguments: shapes.indices)
  func sumsAreExact(_ index: Int) throws {
    let (shape, filters, geometry) = Self.shapes[index]
    let output = try #require(geometry.outputShape(of: shape, filters: filters))
    let reference = QuantizedReference(
      input: shape, output: output, geometry: geometry, seed: UInt64(index))
    for kernels in ByteKernels.supported {
      try check(kernels, reference, shape, output, geometry)
    }
  }

  private func check(
    _ kernels: ByteKernels, _ reference: QuantizedReference, _ shape: Shape, _ output: Shape,
    _ geometry: ConvolutionGeometry
  ) throws {
    let label = "\(kernels): \(shape) * \(geometry) -> \(output)"
    let backend = try backend(kernels, threads: 3)
    let weights = try backend.pack(reference.weights, geometry: geometry)
    let input = try bytes(reference.bytes, shape, reference.inputScale, on: backend)
    let residual = try bytes(reference.residual, output, reference.residualScale, on: backend)
    for activation in [Activation.linear, .leaky, .relu, .relu6] {
      for comesFirst in [nil, false, true] as [Bool?] {
        let epilogue = QuantizedEpilogue(
          activation: activation,
          residual: comesFirst.map { .init(residual, comesFirst: $0) })
        let stored = try bytes(
          [UInt8](repeating: 77, count: output.count), output, reference.outputScale, on: backend)
        backend.convolve(input, weights: weights, epilogue: epilogue, into: stored)
        let isEqual = stored.bytes == reference.bytes(activation, residualFirst: comesFirst)
        #expect(isEqual, "\(label) \(activation) \(String(describing: comesFirst))")
        let floats = try Tensor(output, on: backend)
        backend.convolve(input, weights: weights, epilogue: epilogue, into: floats)
        let areEqual = floats.values == reference.floats(activation, residualFirst: comesFirst)
        #expect(areEqual, "\(label) \(activation) \(String(describing: comesFirst)) floats")
      }
    }
  }

  /// The largest bytes times the largest weights: sums of pairs of products do not fit 16 bits.
  @Test(arguments: ByteKernels.supported)
  func extremesDoNotSaturate(_ kernels: ByteKernels) throws {
    let shape = Shape(height: 2, width: 3, channels: 64)
    let backend = try backend(kernels, threads: 1)
    for weight in [Int8.min + 1, Int8.max] {
      let weights = try backend.pack(
        QuantizedWeights(
          shape: Shape(batch: 1, height: 1, width: 64, channels: 5),
          values: [Int8](repeating: weight, count: 64 * 5), scales: [1, 1, 1, 1, 1],
          biases: [0, 0, 0, 0, 0]), geometry: ConvolutionGeometry(size: 1))
      let input = try bytes(
        [UInt8](repeating: 255, count: shape.count), shape, Quantization(scale: 1, zeroPoint: 0),
        on: backend)
      let output = try Tensor(Shape(height: 2, width: 3, channels: 5), on: backend)
      backend.convolve(input, weights: weights, epilogue: QuantizedEpilogue(), into: output)
      #expect(output.values == [Float](repeating: 64 * 255 * Float(weight), count: 30))
    }
  }

  /// However the work is shared out.
  @Test(arguments: ByteKernels.supported)
  func threadsDoNotMatter(_ kernels: ByteKernels) throws {
    let shape = Shape(batch: 2, height: 26, width: 26, channels: 12)
    let geometry = ConvolutionGeometry(size: 3, padding: 1)
    let output = Shape(batch: 2, height: 26, width: 26, channels: 40)
    let reference = QuantizedReference(input: shape, output: output, geometry: geometry, seed: 3)
    let results = try [1, 2, 5].map { threads in
      let backend = try backend(kernels, threads: threads)
      let stored = try bytes(
        [UInt8](repeating: 0, count: output.count), output, reference.outputScale, on: backend)
      backend.convolve(
        try bytes(reference.bytes, shape, reference.inputScale, on: backend),
        weights: try backend.pack(reference.weights, geometry: geometry),
        epilogue: QuantizedEpilogue(activation: .leaky), into: stored)
      return stored.bytes
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  /// Moving bytes moves what they stand for; to bytes and back is the nearest value, halves to the even byte.
  @Test func bytesMoveAsFloatsDo() throws {
    let backend = try backend(.generic, threads: 2)
    let scale = Quantization(scale: 0.5, zeroPoint: 100)
    let shape = Shape(batch: 2, height: 5, width: 6, channels: 7)
    var random = RandomStream(seed: 9)
    let values = (0..<shape.count).map { _ in UInt8(random.integer(in: 0...255)) }
    let input = try bytes(values, shape, scale, on: backend)
    let floats = try Tensor(shape, on: backend)
    backend.dequantize(input, into: floats)
    #expect(floats.values == values.map { (Float($0) - 100) * 0.5 })

    func moved(_ output: Shape, _ move: (Tensor, Tensor) -> Void) throws {
      let target = try bytes(
        [UInt8](repeating: 3, count: output.count), output, scale, on: backend)
      move(input, target)
      let (expected, actual) = (try Tensor(output, on: backend), try Tensor(output, on: backend))
      move(floats, expected)
      backend.dequantize(target, into: actual)
      #expect(actual.values == expected.values)
    }
    let window = PoolingWindow(size: 3, stride: 2, padding: 2)
    try moved(try #require(window.outputShape(of: shape))) {
      backend.maxPool($0, window: window, into: $1)
    }
    try moved(Shape(batch: 2, height: 10, width: 12, channels: 7)) {
      backend.upsample($0, stride: 2, scale: 1, into: $1)
    }
    try moved(Shape(batch: 2, height: 5, width: 6, channels: 4)) {
      backend.copyChannels(
        $0, from: 2, into: GradientTarget($1, accumulate: false), at: 0, count: 4)
    }

    let odd: [Float] = [0.25, 0.75, -0.25, 1e9, -1e9, .nan, .infinity, -0.0, 12.49, -50, 77.5]
    let whole = Shape(channels: odd.count)
    let target = try bytes([UInt8](repeating: 9, count: odd.count), whole, scale, on: backend)
    backend.quantize(try Tensor(whole, values: odd, on: backend), into: target)
    #expect(target.bytes == [100, 102, 100, 255, 0, 0, 255, 100, 125, 0, 255])
  }

  /// 0 has a byte, the ends are met within half a step.
  @Test func rangesHoldZero() {
    for (low, high) in [(-0.3, 2.0), (0, 1), (-1, 0), (-1e-30, 3e4)] as [(Float, Float)] {
      let q = Quantization(low: low, high: high)
      #expect(abs(q.range.lowerBound - low) <= 0.5001 * q.scale)
      #expect(abs(q.range.upperBound - high) <= 0.5001 * q.scale)
    }
  }

  private func backend(_ kernels: ByteKernels, threads: Int) throws -> CPUBackend {
    CPUBackend(pool: try ThreadPool(threadCount: threads), byteKernels: kernels)
  }
}

/// A tensor of bytes with the given values.
func bytes(
  _ values: [UInt8], _ shape: Shape, _ quantization: Quantization, on backend: CPUBackend
) throws -> Tensor {
  let tensor = Tensor(shape, in: try backend.allocate(shape.count, of: .uint8), at: 0)
  tensor.buffer.withMutableHostBytes(0..<shape.count) { $0.copyBytes(from: values) }
  return tensor.quantized(as: quantization)
}
