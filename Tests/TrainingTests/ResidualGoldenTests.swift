import Compute
import Darknet
import Datasets
import Foundation
import Layers
import Losses
import Networks
import TestSupport
import Testing

@testable import Tasks

/// Classifiers with the shortcuts of Models/resnet50-cifar.cfg and resnet110-cifar.cfg against PyTorch
/// in double precision (scripts/residual.py).
@Suite struct ResidualGoldenTests {
  /// The sections of the two networks, small.
  private struct Text {
    var cfg = "[net]\nwidth=8\nheight=8\nchannels=3\n"

    mutating func convolution(
      _ filters: Int, _ size: Int, stride: Int = 1, _ activation: Activation = .relu
    ) {
      cfg += """
        [convolutional]
        batch_normalize=1
        filters=\(filters)
        size=\(size)
        stride=\(stride)
        pad=1
        activation=\(activation)

        """
    }

    mutating func add(_ text: String) { cfg += text + "\n" }
  }

  private static func cfg(_ name: String) -> String {
    var text = Text()
    text.convolution(4, 3)
    if name == "projection" {
      for (filters, stride, projects) in [(2, 1, true), (2, 1, false), (3, 2, true)] {
        text.convolution(filters, 1)
        text.convolution(filters, 3, stride: stride)
        text.convolution(4 * filters, 1, .linear)
        if projects {
          text.add("[route]\nlayers=-4")
          text.convolution(4 * filters, 1, stride: stride, .linear)
        }
        text.add("[shortcut]\nfrom=\(projects ? -3 : -4)\nactivation=relu")
      }
    } else {
      for (filters, stride) in [(4, 1), (8, 2), (8, 1)] {
        text.convolution(filters, 3, stride: stride)
        text.convolution(filters, 3, .linear)
        text.add("[shortcut]\nfrom=-3\nactivation=relu")
      }
    }
    text.add("[avgpool]\n[convolutional]\nfilters=5\nsize=1\nactivation=linear\n[softmax]")
    return text.cfg
  }

  @Test(arguments: ["projection", "optionA"]) func step(_ name: String) throws {
    let golden = try #require(try goldenCases("residual").first { $0.name == name })
    let network = try Network(
      ConfigurationFile(text: Self.cfg(name), fileName: "\(name).cfg"),
      backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    let convolutions = network.nodes.compactMap { $0.layer as? Convolution }
    var salt = 0
    for layer in convolutions {
      func set(_ parameter: Parameter, _ base: Double, _ salt: Int) {
        parameter.values.update(
          from: TrainingGoldenTests.sines(parameter.values.count, salt).map {
            Float(base + 0.2 * $0)
          })
      }
      TrainingGoldenTests.setWeights(layer.weights, salt)
      set(layer.biases, 0, salt + 1)
      if let normalization = layer.normalization { set(normalization.scales, 1, salt + 2) }
      salt += layer.normalization == nil ? 2 : 3
    }
    network.parametersDidChange()
    let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .training)
    plan.input.update(
      from: TrainingGoldenTests.sines(plan.input.count, 0).map { Float($0 * 0.5 + 0.5) })
    plan.forward()

    let classifier = try #require(network.classifier)
    expectClose(
      plan.output(of: classifier.logits).values, try golden.array("logits"), relative: 2e-5,
      absolute: 2e-6, "logits")
    let value = try ClassificationTask(network).loss(plan, targets: [1, 4], step: LossStep())
    #expect(abs(value.total - (golden.numbers["loss"] ?? .nan)) < 1e-5)

    plan.backward()
    var sums: [Float] = []
    for gradient in convolutions.flatMap({ Self.gradients($0) }) {
      let along = zip(gradient, TrainingGoldenTests.sines(gradient.count, sums.count / 2))
      sums.append(Float(gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()))
      sums.append(Float(along.reduce(0) { $0 + Double($1.0) * $1.1 }))
    }
    expectClose(sums, try golden.array("gradients"), relative: 1e-4, absolute: 2e-5, "gradients")
  }

  /// Biases, scales and weights, the latter [K, C, R, S].
  private static func gradients(_ layer: Convolution) -> [[Float]] {
    let shape = layer.weights.values.shape
    let (taps, channels, filters) = (shape.batch * shape.height, shape.width, shape.channels)
    let weights = layer.weights.gradient?.values ?? []
    let ordered = (0..<filters).flatMap { k in
      (0..<channels).flatMap { c in
        (0..<taps).map { weights[($0 * channels + c) * filters + k] }
      }
    }
    return [layer.biases, layer.normalization?.scales].compactMap { $0?.gradient?.values }
      + [ordered]
  }
}
