import Compute
import TestSupport
import Testing

/// Every way to compute a convolution against direct convolution in double precision.
@Suite struct ConvolutionTests {
  @Test(arguments: 0..<60, ConvolutionEngine.all)
  func randomGeometries(_ number: Int, engine: ConvolutionEngine) throws {
    var stream = RandomStream(seed: UInt64(number) + 100)
    let size = [1, 1, 2, 3, 3, 3, 5, 7][stream.integer(in: 0...7)]
    let depthwise = number % 5 == 0
    let groups = depthwise ? [2, 5, 13][stream.integer(in: 0...2)] : number % 4 == 1 ? 3 : 1
    let geometry = ConvolutionGeometry(
      size: size, stride: stream.integer(in: 1...3), padding: stream.integer(in: 0...size),
      groups: groups)
    let smallest = max(1, size - 2 * geometry.padding)
    let input = Shape(
      batch: number % 2 == 0 ? 1 : 3,
      height: number % 7 == 0 ? smallest : stream.integer(in: smallest...smallest + 11),
      width: number % 7 == 0 ? smallest : stream.integer(in: smallest...smallest + 11),
      channels: depthwise ? groups : groups * stream.integer(in: 1...7))
    try ConvolutionCheck(engine: engine)(
      input, filters: depthwise ? groups : groups * stream.integer(in: 1...9), geometry,
      seed: UInt64(number))
  }

  @Test(
    arguments: [
      // One pixel; a map smaller than the kernel; rows that no patch reads (stride above size).
      (Shape(channels: 1), 1, ConvolutionGeometry(size: 1)),
      (Shape(height: 1, width: 1, channels: 3), 2, ConvolutionGeometry(size: 5, padding: 2)),
      (
        Shape(batch: 3, height: 2, width: 1, channels: 2), 3,
        ConvolutionGeometry(size: 3, padding: 1)
      ),
      (
        Shape(batch: 3, height: 7, width: 6, channels: 2), 3,
        ConvolutionGeometry(size: 1, stride: 3)
      ),
      // Many blocks of the product, several slices of the weight gradient.
      (
        Shape(batch: 3, height: 19, width: 17, channels: 31), 67,
        ConvolutionGeometry(size: 3, padding: 1)
      ),
      (Shape(batch: 3, height: 23, width: 21, channels: 29), 3, ConvolutionGeometry(size: 1)),
      (Shape(batch: 1, height: 4, width: 4, channels: 97), 101, ConvolutionGeometry(size: 3)),
    ] as [(Shape, Int, ConvolutionGeometry)], ConvolutionEngine.all)
  func chosenGeometries(
    _ sizes: (input: Shape, filters: Int, geometry: ConvolutionGeometry), engine: ConvolutionEngine
  ) throws {
    try ConvolutionCheck(engine: engine)(
      sizes.input, filters: sizes.filters, sizes.geometry, seed: 1)
  }

  /// Taps that lie apart, some of them outside of the map whatever the place; with residuals.
  @Test(
    arguments: [
      (
        Shape(batch: 2, height: 9, width: 11, channels: 5), 7,
        ConvolutionGeometry(size: 3, padding: 2, dilation: 2)
      ),
      (
        Shape(batch: 2, height: 10, width: 7, channels: 18), 17,
        ConvolutionGeometry(size: 3, padding: 3, dilation: 3)
      ),
      (
        Shape(batch: 3, height: 12, width: 13, channels: 4), 6,
        ConvolutionGeometry(size: 3, stride: 2, padding: 2, groups: 2, dilation: 2)
      ),
      (
        Shape(batch: 2, height: 8, width: 9, channels: 5), 5,
        ConvolutionGeometry(size: 3, padding: 2, groups: 5, dilation: 2)
      ),
      (
        Shape(batch: 1, height: 3, width: 2, channels: 3), 4,
        ConvolutionGeometry(size: 5, padding: 8, dilation: 4)
      ),
      (Shape(height: 7, width: 8, channels: 3), 4, ConvolutionGeometry(size: 2, dilation: 5)),
      (
        Shape(height: 5, width: 4, channels: 3), 4,
        ConvolutionGeometry(size: 1, stride: 2, dilation: 3)
      ),
    ] as [(Shape, Int, ConvolutionGeometry)], ConvolutionEngine.all)
  func dilated(
    _ sizes: (input: Shape, filters: Int, geometry: ConvolutionGeometry), engine: ConvolutionEngine
  ) throws {
    try ConvolutionCheck(engine: engine)(
      sizes.input, filters: sizes.filters, sizes.geometry, seed: 5)
  }

  /// More patches than one panel holds (4 M floats), with an image cut by the panel's edge.
  @Test func severalPanels() throws {
    try ConvolutionCheck(engine: .portable)(
      Shape(batch: 3, height: 46, width: 44, channels: 80), filters: 1,
      ConvolutionGeometry(size: 3, padding: 1), seed: 2)
  }

  /// Short patches, in tiles cut by the edges of images and of lines, gathered from many blocks.
  @Test(arguments: [1, 2, 3], ConvolutionEngine.all)
  func manyTiles(_ stride: Int, engine: ConvolutionEngine) throws {
    try ConvolutionCheck(engine: engine)(
      Shape(batch: 3, height: 67, width: 61, channels: 13), filters: 3,
      ConvolutionGeometry(size: 5, stride: stride, padding: 2), seed: 4)
  }

  /// Slices of the pixels shorter than the number of slices.
  @Test(arguments: ConvolutionEngine.all)
  func fewerPixelsThanSlices(_ engine: ConvolutionEngine) throws {
    try ConvolutionCheck(engine: engine)(
      Shape(height: 1, width: 5, channels: 3), filters: 4, ConvolutionGeometry(size: 1), seed: 3)
  }

  @Test func biasGradientAddsSumsOverPixels() throws {
    let backend = try makeBackend()
    let shape = Shape(batch: 3, height: 41, width: 37, channels: 13)
    let dy = randomValues(shape.count)
    let gradient = try Tensor(Shape(channels: 13), values: randomValues(13, seed: 2))
    var expected = gradient.values.map(Double.init)
    for i in dy.indices { expected[i % 13] += Double(dy[i]) }
    backend.biasGradient(of: try Tensor(shape, values: dy), into: gradient)
    expectClose(gradient.values, expected.map { Float($0) }, absolute: 1e-4)
  }
}

/// A backend with three threads of its own.
func makeBackend(threads: Int = 3) throws -> CPUBackend {
  CPUBackend(pool: try ThreadPool(threadCount: threads))
}

/// A tensor of NaN: what is not overwritten shows.
func poisoned(_ shape: Shape) throws -> Tensor {
  try Tensor(shape, values: [Float](repeating: .nan, count: shape.count))
}
