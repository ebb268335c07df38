import Compute
import TestSupport
import Testing

@Suite struct PoolingTests {
  @Test(arguments: 0..<60)
  func maximaOfRandomWindows(_ number: Int) throws {
    var stream = RandomStream(seed: UInt64(number))
    let size = stream.integer(in: 1...5)
    var window = PoolingWindow(
      size: size, stride: stream.integer(in: 1...3),
      padding: number % 2 == 0 ? nil : stream.integer(in: 0...2 * (size - 1)))
    if number % 3 == 0 { window.strideX = stream.integer(in: 1...3) }
    let smallest = max(1, size - window.padding)
    // Channels on both sides of the 64 that backward takes at a time. All values negative: a zero
    // from the padding would win.
    let shape = Shape(
      batch: stream.integer(in: 1...3), height: stream.integer(in: smallest...smallest + 6),
      width: stream.integer(in: smallest...smallest + 6),
      channels: [1, 3, 63, 64, 65, 130][stream.integer(in: 0...5)])
    let order = stream.permutation(shape.count)
    let x = order.map { -1 - Float($0) * 0.001 }
    let outputShape = try #require(window.outputShape(of: shape))
    let dy = randomValues(outputShape.count)
    let (y, dx) = maxima(x, dy, shape, outputShape, window)

    let backend = try makeBackend()
    let input = try Tensor(shape, values: x)
    let output = try poisoned(outputShape)
    backend.maxPool(input, window: window, into: output)
    #expect(output.values == y)
    let gradient = try poisoned(shape)
    backend.maxPoolGradient(
      of: try Tensor(outputShape, values: dy), input: input, window: window,
      into: GradientTarget(gradient, accumulate: false))
    expectClose(gradient.values, dx)
    backend.maxPoolGradient(
      of: try Tensor(outputShape, values: dy), input: input, window: window,
      into: GradientTarget(gradient, accumulate: true))
    expectClose(gradient.values, dx.map { 2 * $0 }, "added")
  }

  @Test(arguments: 0..<40)
  func meansOfRandomWindows(_ number: Int) throws {
    var stream = RandomStream(seed: UInt64(number))
    let size = stream.integer(in: 1...4)
    let window = PoolingWindow(
      height: size, width: size, strideY: stream.integer(in: 1...3),
      strideX: stream.integer(in: 1...3), padding: stream.integer(in: 0...2 * (size - 1)))
    let smallest = max(1, size - window.padding)
    let shape = Shape(
      batch: stream.integer(in: 1...3), height: stream.integer(in: smallest...smallest + 6),
      width: stream.integer(in: smallest...smallest + 6), channels: stream.integer(in: 1...20))
    let outputShape = try #require(window.outputShape(of: shape))
    let x = randomValues(shape.count, seed: 1)
    let dy = randomValues(outputShape.count, seed: 2)
    var y = [Float](repeating: 0, count: outputShape.count)
    var dx = [Float](repeating: 0, count: shape.count)
    forEachWindow(shape, outputShape, window) { to, pixels in
      for from in pixels {
        y[to] += x[from] / Float(pixels.count)
        dx[from] += dy[to] / Float(pixels.count)
      }
    }
    let backend = try makeBackend()
    let output = try poisoned(outputShape)
    backend.averagePool(try Tensor(shape, values: x), window: window, into: output)
    expectClose(output.values, y)
    let (written, outputGradient) = (try poisoned(shape), try Tensor(outputShape, values: dy))
    backend.averagePoolGradient(
      of: outputGradient, window: window, into: GradientTarget(written, accumulate: false))
    expectClose(written.values, dx)
    backend.averagePoolGradient(
      of: outputGradient, window: window, into: GradientTarget(written, accumulate: true))
    expectClose(written.values, dx.map { 2 * $0 }, "added")
  }

  @Test func outputShapes() {
    let input = Shape(height: 5, width: 6, channels: 2)
    #expect(
      PoolingWindow(size: 2, stride: 2).outputShape(of: input)
        == Shape(height: 3, width: 3, channels: 2))
    #expect(
      PoolingWindow(height: 2, width: 3, strideY: 1, strideX: 2).outputShape(of: input)
        == Shape(height: 4, width: 2, channels: 2))
    #expect(PoolingWindow(size: 7, stride: 1, padding: 0).outputShape(of: input) == nil)
    #expect(
      ConvolutionGeometry(size: 3, padding: 2, dilation: 2).outputShape(of: input, filters: 1)
        == Shape(height: 5, width: 6, channels: 1))
    #expect(ConvolutionGeometry(size: 3, dilation: 3).outputShape(of: input, filters: 9) == nil)
    #expect(
      ConvolutionGeometry(size: 3, stride: 2, padding: 1).outputShape(of: input, filters: 9)
        == Shape(height: 3, width: 3, channels: 9))
    #expect(ConvolutionGeometry(size: 7).outputShape(of: input, filters: 9) == nil)
  }

  /// Maxima and where their gradients go, as the definition reads.
  private func maxima(
    _ x: [Float], _ dy: [Float], _ input: Shape, _ output: Shape, _ window: PoolingWindow
  ) -> (y: [Float], dx: [Float]) {
    var y = [Float](repeating: -.infinity, count: output.count)
    var dx = [Float](repeating: 0, count: input.count)
    forEachWindow(input, output, window) { to, pixels in
      guard let best = pixels.max(by: { x[$0] < x[$1] }) else { return }
      y[to] = x[best]
      dx[best] += dy[to]
    }
    return (y, dx)
  }

  /// Calls `body` with the place of every output value and those of the input that it is made of.
  private func forEachWindow(
    _ input: Shape, _ output: Shape, _ window: PoolingWindow, _ body: (Int, [Int]) -> Void
  ) {
    var to = 0
    for n in 0..<output.batch {
      for p in 0..<output.height {
        for q in 0..<output.width {
          for c in 0..<output.channels {
            var pixels: [Int] = []
            for r in 0..<window.height {
              for s in 0..<window.width {
                let i = p * window.strideY + r - window.padding / 2
                let j = q * window.strideX + s - window.padding / 2
                guard i >= 0, i < input.height, j >= 0, j < input.width else { continue }
                pixels.append(((n * input.height + i) * input.width + j) * input.channels + c)
              }
            }
            body(to, pixels)
            to += 1
          }
        }
      }
    }
  }
}
