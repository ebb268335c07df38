import Compute
import TestSupport
import Testing

/// The paths of the fast engine, each on every instruction set of this CPU.
@Suite struct FastConvolutionTests {
  /// Rounding errors of Winograd's algorithm are some five times those of direct sums.
  private func check(_ engine: ConvolutionEngine, activation: Activation = .leaky)
    -> ConvolutionCheck
  {
    ConvolutionCheck(
      engine: engine, tolerance: engine.exact ? 4e-6 : 2e-5,
      meanTolerance: engine.exact ? 1.5e-6 : 4e-6, activation: activation)
  }

  @Test(
    arguments: [
      // One tile; tiles cut by both edges; channels that fill no vector; no and more padding.
      (Shape(height: 4, width: 4, channels: 16), 16, 1),
      (Shape(batch: 3, height: 9, width: 6, channels: 37), 19, 1),
      (Shape(batch: 3, height: 2, width: 3, channels: 17), 33, 1),
      (Shape(batch: 1, height: 13, width: 13, channels: 64), 70, 1),
      (Shape(batch: 3, height: 11, width: 12, channels: 20), 48, 0),
      (Shape(batch: 1, height: 7, width: 5, channels: 16), 31, 2),
      // Sums of gradients in slices of the tiles, and shared out.
      (Shape(batch: 3, height: 30, width: 29, channels: 18), 23, 1),
      (Shape(batch: 3, height: 13, width: 14, channels: 96), 97, 1),
    ] as [(Shape, Int, Int)], ConvolutionEngine.fast)
  func stride1(
    _ sizes: (input: Shape, filters: Int, padding: Int), engine: ConvolutionEngine
  ) throws {
    try check(engine)(
      sizes.input, filters: sizes.filters,
      ConvolutionGeometry(size: 3, padding: sizes.padding), seed: 5)
  }

  /// Enough tiles for tasks that take them all the way.
  @Test(arguments: ConvolutionEngine.fast)
  func manyTilesOfFewChannels(_ engine: ConvolutionEngine) throws {
    try check(engine)(
      Shape(height: 99, width: 101, channels: 16), filters: 17,
      ConvolutionGeometry(size: 3, padding: 1), seed: 6)
  }

  /// Few tiles of many channels: F(2x2, 3x3).
  @Test(arguments: ConvolutionEngine.fast)
  func fewTilesOfManyChannels(_ engine: ConvolutionEngine) throws {
    try check(engine)(
      Shape(height: 2, width: 3, channels: 512), filters: 513,
      ConvolutionGeometry(size: 3, padding: 1), seed: 7)
  }

  @Test(
    arguments: [
      // Rows a page apart; several parts of rows; one filter; more than one group.
      (Shape(batch: 2, height: 5, width: 7, channels: 1024), 40, ConvolutionGeometry(size: 1)),
      (Shape(batch: 3, height: 23, width: 27, channels: 33), 65, ConvolutionGeometry(size: 1)),
      (Shape(batch: 2, height: 9, width: 9, channels: 12), 1, ConvolutionGeometry(size: 1)),
      (
        Shape(batch: 2, height: 9, width: 9, channels: 64), 96,
        ConvolutionGeometry(size: 1, groups: 2)
      ),
      // Pixels a page apart; lines copied by each task; a large gradient; padding beyond the size.
      (
        Shape(batch: 2, height: 7, width: 8, channels: 256), 33,
        ConvolutionGeometry(size: 3, stride: 2, padding: 1)
      ),
      (
        Shape(batch: 3, height: 61, width: 43, channels: 7), 34,
        ConvolutionGeometry(size: 3, stride: 2, padding: 1)
      ),
      (
        Shape(batch: 2, height: 9, width: 10, channels: 96), 97,
        ConvolutionGeometry(size: 3, stride: 2, padding: 1)
      ),
      (
        Shape(batch: 1, height: 5, width: 6, channels: 3), 20,
        ConvolutionGeometry(size: 2, stride: 3, padding: 4)
      ),
      (
        Shape(batch: 2, height: 14, width: 11, channels: 40), 64,
        ConvolutionGeometry(size: 3, padding: 1, groups: 2)
      ),
      (
        Shape(batch: 1, height: 12, width: 40, channels: 1), 18,
        ConvolutionGeometry(size: 7, stride: 2, padding: 3)
      ),
      // One filter a channel: whole vectors and a rest.
      (
        Shape(batch: 2, height: 9, width: 11, channels: 37), 37,
        ConvolutionGeometry(size: 3, padding: 1, groups: 37)
      ),
      (
        Shape(batch: 3, height: 12, width: 7, channels: 35), 35,
        ConvolutionGeometry(size: 3, stride: 2, padding: 1, groups: 35)
      ),
      (
        Shape(batch: 1, height: 6, width: 7, channels: 18), 18,
        ConvolutionGeometry(size: 5, stride: 2, padding: 2, groups: 18)
      ),
    ] as [(Shape, Int, ConvolutionGeometry)], InstructionSet.supported)
  func direct(
    _ sizes: (input: Shape, filters: Int, geometry: ConvolutionGeometry), set: InstructionSet
  ) throws {
    try check(ConvolutionEngine(engine: .fast, set: set, exact: true))(
      sizes.input, filters: sizes.filters, sizes.geometry, seed: 8)
  }

  @Test(arguments: Activation.allCases, [1, 3])
  func activations(_ activation: Activation, size: Int) throws {
    for exact in [false, true] {
      try check(ConvolutionEngine(engine: .fast, exact: exact), activation: activation)(
        Shape(batch: 2, height: 9, width: 10, channels: 18), filters: 37,
        ConvolutionGeometry(size: size, padding: size / 2), seed: 9)
    }
  }

  /// A cache changes nothing but the time, and keeps what it was filled with.
  @Test(arguments: [1, 3])
  func cache(_ size: Int) throws {
    let backend = try makeBackend()
    let frugal = CPUBackend(pool: backend.pool, keepsDerivedWeights: false)
    let shape = Shape(batch: 2, height: 8, width: 9, channels: 20)
    let geometry = ConvolutionGeometry(size: size, padding: size / 2)
    let weightShape = Shape(batch: size, height: size, width: 20, channels: 24)
    let input = try Tensor(shape, values: randomValues(shape.count, seed: 1))
    let weights = try Tensor(weightShape, values: randomValues(weightShape.count, seed: 2))
    let outputShape = try #require(geometry.outputShape(of: shape, filters: 24))
    let cache = WeightCache()
    func output(_ cache: WeightCache?, on backend: CPUBackend) throws -> [Float] {
      let output = try poisoned(outputShape)
      backend.convolve(
        input, weights: weights, geometry: geometry, epilogue: ConvolutionEpilogue(), cache: cache,
        into: output)
      return output.values
    }
    func output(_ cache: WeightCache?) throws -> [Float] { try output(cache, on: backend) }
    let expected = try output(nil)
    let unused = WeightCache()
    #expect(try output(unused, on: frugal) == expected)
    #expect(try output(cache) == expected)
    #expect(try output(cache) == expected)
    backend.fill(weights, with: 0)
    #expect(try output(cache) == expected)
    #expect(try output(unused, on: frugal).allSatisfy { $0 == 0 })
    cache.removeAll()
    #expect(try output(cache).allSatisfy { $0 == 0 })
  }
}
