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
    let layer = try MaxPool(size: window.size, stride: window.stride, padding: window.padding)
    try LayerHarness(layer).checkGradients([.init(shape, distinctValues(shape.count, seed: 3))])
  }

  @Test func maxPoolOfASinglePixel() throws {
    let shape = Shape(batch: 3, height: 1, width: 1, channels: 5)
    try LayerHarness(MaxPool(size: 2, stride: 1)).checkGradients([.init(shape, seed: 1)])
    try LayerHarness(MaxPool(size: 5, stride: 1)).checkGradients([.init(shape, seed: 1)])
  }

  @Test func tiesGiveTheGradientToTheFirst() throws {
    let harness = LayerHarness(try MaxPool(size: 2, stride: 2, padding: 0))
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
}
