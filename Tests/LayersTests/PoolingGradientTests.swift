import Compute
import Layers
import TestSupport
import Testing

@Suite struct PoolingGradientTests {
  /// Size, stride, padding (nil: Darknet's size − 1).
  struct Window: Sendable {
    var size: Int
    var stride: Int
    var padding: Int?
  }

  @Test(
    arguments: [
      Window(size: 2, stride: 2), Window(size: 2, stride: 1), Window(size: 3, stride: 1),
      Window(size: 5, stride: 1), Window(size: 3, stride: 2),
      Window(size: 2, stride: 2, padding: 0), Window(size: 3, stride: 3, padding: 1),
      Window(size: 1, stride: 2),
    ],
    [
      Shape(batch: 3, height: 5, width: 7, channels: 3),
      Shape(batch: 3, height: 4, width: 6, channels: 2),
      Shape(batch: 1, height: 3, width: 3, channels: 67),
    ])
  func maxPool(_ window: Window, _ shape: Shape) throws {
    // Values 0.05 apart: a step of 0.01 does not change which one is largest.
    let layer = try MaxPool(
      .init(size: window.size, stride: window.stride, padding: window.padding))
    try LayerHarness(layer).checkGradients([.init(shape, distinctValues(shape.count, seed: 3))])
  }

  @Test func maxPoolOfASinglePixel() throws {
    let shape = Shape(batch: 3, height: 1, width: 1, channels: 5)
    try LayerHarness(MaxPool(.init(size: 2, stride: 1))).checkGradients([.init(shape, seed: 1)])
    try LayerHarness(MaxPool(.init(size: 5, stride: 1))).checkGradients([.init(shape, seed: 1)])
  }

  @Test(arguments: [
    PoolingWindow(height: 3, width: 3, strideY: 1, strideX: 2, padding: 2),
    PoolingWindow(height: 2, width: 2, strideY: 2, strideX: 1, padding: 1),
  ])
  func stridesThatDiffer(_ window: PoolingWindow) throws {
    let shape = Shape(batch: 2, height: 6, width: 7, channels: 3)
    let values = LayerHarness.Values(shape, distinctValues(shape.count, seed: 3))
    try LayerHarness(MaxPool(window)).checkGradients([values])
    try LayerHarness(LocalAveragePool(window)).checkGradients([values])
  }

  @Test(arguments: [1, 2, 3, 6]) func maximumOverChannels(_ channels: Int) throws {
    let shape = Shape(batch: 2, height: 3, width: 4, channels: 6)
    let values = distinctValues(shape.count, seed: 5)
    let harness = LayerHarness(try DepthMaxPool(channels: channels))
    try harness.checkGradients([.init(shape, values)])
    let output = try harness.forward([.init(shape, values)]).output.values
    let expected = (0..<24 * channels).map { i in
      let pixel = i / channels * 6
      return stride(from: i % channels, to: 6, by: channels).map { values[pixel + $0] }.max()
    }
    #expect(output == expected)
  }

  @Test func tiesGiveTheGradientToTheFirst() throws {
    let harness = LayerHarness(try MaxPool(.init(size: 2, stride: 2, padding: 0)))
    let run = try harness.forward([
      .init(Shape(height: 2, width: 4, channels: 1), [1, 1, -2, -2, 1, 1, -2, -2])
    ])
    let gradient = try harness.backward(run, outputGradient: [3, 4], targets: [[]])
    #expect(gradient[0] == [3, 0, 4, 0, 0, 0, 0, 0])
  }

  @Test(arguments: [
    Shape(batch: 3, height: 5, width: 7, channels: 3),
    Shape(batch: 3, height: 1, width: 1, channels: 7),
    Shape(batch: 1, height: 13, width: 13, channels: 2),
  ])
  func averagePool(_ shape: Shape) throws {
    try LayerHarness(AveragePool()).checkGradients([.init(shape, seed: 1)])
  }

  @Test(
    arguments: [
      Window(size: 2, stride: 2), Window(size: 3, stride: 1),
      Window(size: 3, stride: 2, padding: 0),
      Window(size: 2, stride: 3), Window(size: 1, stride: 1),
    ],
    [
      Shape(batch: 3, height: 5, width: 7, channels: 3),
      Shape(batch: 1, height: 3, width: 3, channels: 67),
    ])
  func localAveragePool(_ window: Window, _ shape: Shape) throws {
    let layer = try LocalAveragePool(
      .init(size: window.size, stride: window.stride, padding: window.padding))
    try LayerHarness(layer).checkGradients([.init(shape, seed: 1)])
  }
}
