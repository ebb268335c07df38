import Compute
import Darknet
import Detection
import Foundation
import Geometry
import Layers
import Losses
import Networks
import TestSupport
import Testing

@testable import Tasks
@testable import Training

/// Ten updates of a small network against PyTorch in double precision (scripts/training.py).
@Suite struct TrainingGoldenTests {
  static let truths: [[GroundTruth]] = [
    [
      truth(0.10, 0.15, 0.32, 0.40, 0), truth(0.50, 0.45, 0.95, 0.88, 1),
      truth(0.70, 0.10, 0.80, 0.18, 1),
    ],
    [truth(0.20, 0.30, 0.34, 0.42, 0), truth(0.05, 0.55, 0.50, 0.97, 0)],
  ]

  static func truth(
    _ left: Float, _ top: Float, _ right: Float, _ bottom: Float, _ classIndex: Int
  ) -> GroundTruth {
    GroundTruth(
      box: Box(left: left, top: top, right: right, bottom: bottom), classIndex: classIndex)
  }

  static func sines(_ count: Int, _ salt: Int) -> [Double] {
    (0..<count).map { sin(1.3 * Double($0) + 0.7 * Double(salt)) }
  }

  @Test func tenSteps() throws {
    let url = packageRoot.appending(path: "Tests/Golden/training.cfg")
    let network = try Network(
      ConfigurationFile(contentsOf: url),
      backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    for (index, node) in network.nodes.enumerated() {
      guard let layer = node.layer as? Convolution else { continue }
      Self.setWeights(layer.weights, index)
    }
    let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .training)
    plan.input.update(from: Self.sines(plan.input.count, 0).map { Float($0 * 0.5 + 0.5) })
    let task = try DetectionTask(network)
    let optimizer = try Optimizer(
      network.parameters.map(\.parameter),
      settings: .init(rule: .sgd(momentum: 0.9), weightDecay: 5e-4, batch: 2), on: network.backend)
    var losses: [Float] = []
    for _ in 0..<10 {
      plan.forward()
      let value = try task.loss(plan, targets: Self.truths, step: LossStep())
      #expect(value.parts == ["box", "objectness", "class"])
      losses += value.outputs.joined().map { Float($0) }
      plan.backward()
      optimizer.update(rate: 1e-4, using: network.backend)
    }
    let expected = try goldenCases("training")[0].array("losses")
    expectClose(losses, expected, relative: 2e-4, absolute: 1e-4)
  }

  /// The same sines as the script.
  static func setWeights(_ weights: Parameter, _ index: Int) {
    let shape = weights.values.shape
    let deviation = (2 / Double(shape.batch * shape.batch * shape.width)).squareRoot()
    setWeights(weights, sines(shape.count, index).map { $0 * deviation })
  }

  /// Weights as the scripts have them, [K, C, R, S].
  static func setWeights(_ weights: Parameter, _ ordered: [Double]) {
    let shape = weights.values.shape
    let (size, channels, filters) = (shape.batch, shape.width, shape.channels)
    weights.values.withMutableHostValues { values in
      for k in 0..<filters {
        for c in 0..<channels {
          for tap in 0..<size * size {
            let source = (k * channels + c) * size * size + tap
            values[(tap * channels + c) * filters + k] = Float(ordered[source])
          }
        }
      }
    }
  }
}
