import Compute
import Darknet
import Layers
import TestSupport
import Testing

@testable import Networks

/// Networks with convolutions of bytes, against the same layers in floats whose weights and outputs are
/// rounded one by one.
@Suite struct QuantizedNetworkTests {
  /// Residuals after and before f, a depthwise and a grouped layer, an activation that takes a pass, and
  /// everything that moves values.
  private static let text =
    "[net]\nwidth=24\nheight=24\nchannels=3\n"
    + convolution(8, "leaky")  // 0
    + convolution(8, "relu6", "groups=8\n")  // 1
    + convolution(8, "leaky") + "[shortcut]\nfrom=-3\nactivation=linear\n"  // 2, 3
    + convolution(8, "linear") + "[shortcut]\nfrom=-2\nactivation=relu\n"  // 4, 5
    + "[maxpool]\nsize=2\nstride=2\n"  // 6
    + convolution(12, "mish", "stride=2\n")  // 7
    + convolution(10, "leaky") + "[upsample]\nstride=2\n"  // 8, 9
    + "[route]\nlayers=-1,6\n"  // 10
    + convolution(12, "leaky", "groups=2\n")  // 11
    + convolution(7, "linear")  // 12
    + "[yolo]\nmask=0\nanchors=4,4\nclasses=2\nnum=1\n"  // 13

  private static func convolution(
    _ filters: Int, _ activation: String, _ more: String = ""
  ) -> String {
    "[convolutional]\nbatch_normalize=1\nfilters=\(filters)\nsize=3\npad=1\n\(more)"
      + "activation=\(activation)\n"
  }

  private func network(_ kernels: ByteKernels) throws -> Network {
    let backend = CPUBackend(pool: try ThreadPool(threadCount: 2), byteKernels: kernels)
    let network = try Network(parse(Self.text), backend: backend)
    network.initializeWeights(RandomStream(seed: 3))
    for (i, parameter) in network.parameters.map(\.parameter).enumerated() where !parameter.decays {
      parameter.values.update(
        from: randomValues(parameter.values.count, in: 0.5...1.5, seed: UInt64(i)))
    }
    network.parametersDidChange()
    return network
  }

  private func calibrated(_ network: Network) throws -> (QuantizedModel, NetworkPlan) {
    let plan = try network.makePlan(input: network.inputShape(batch: 2), mode: .inference)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 6))
    var statistics = CalibrationStatistics(network)
    statistics.add(plan)
    var weights: [Int: QuantizedWeights] = [:]
    for (i, node) in network.nodes.enumerated() where i != 11 && node.layer is Convolution {
      weights[i] = try #require(network.quantizedWeights(of: i, statistics))
    }
    return (
      QuantizedModel(quantization: statistics.quantization(by: .mse), weights: weights), plan
    )
  }

  @Test func theSameAsRoundedLayerByLayer() throws {
    let plain = try network(.generic)
    let (model, plan) = try calibrated(plain)
    let quantized = try plain.quantized(model)
    let own = try quantized.makePlan(input: plan.input.shape, mode: .inference)
    own.input.update(from: plan.input.values)
    own.forward()
    let last = plain.nodes.count - 1
    let actual = own.output(of: last).values

    func nearest(_ values: [Float], _ q: Quantization) -> [Float] {
      values.map {
        let byte = min(255, max(0, ($0 / q.scale).rounded(.toNearestOrEven) + Float(q.zeroPoint)))
        return (byte - Float(q.zeroPoint)) * q.scale
      }
    }
    func difference(_ a: [Float], _ b: [Float]) -> Double {
      let error = zip(a, b).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
      return (error / b.reduce(0.0) { $0 + Double($1 * $1) }).squareRoot()
    }
    // What is read as bytes; 2 and 4 are bytes only once 3 and 5 are added.
    let rounded = [0, 1, 3, 5, 6, 7, 11]
    var outputs: [[Float]] = []
    let backend = plain.backend
    let image = nearest(plan.input.values, try #require(model.quantization.input))
    for (i, node) in plain.nodes.enumerated() {
      let output = try Tensor(plan.shapes[i])
      let inputs = try node.inputs.map {
        try Tensor(
          $0 < 0 ? plan.input.shape : plan.shapes[$0], values: $0 < 0 ? image : outputs[$0])
      }
      if let weights = model.weights[i], let layer = node.layer as? Convolution {
        backend.convolve(
          inputs[0], weights: try Tensor(weights.shape, values: weights.rounded),
          bias: try Tensor(Shape(channels: layer.filters), values: weights.biases),
          activation: layer.activation, geometry: layer.geometry, into: output)
      } else {
        node.layer.forward(ForwardPass(backend: backend, inputs: inputs, output: output))
      }
      let q = model.quantization[i]
      outputs.append(
        rounded.contains(i) ? nearest(output.values, try #require(q)) : output.values)
    }
    plan.forward()
    let expected = outputs[last]
    let floats = plan.output(of: last).values
    #expect(difference(expected, floats) > 0.005)
    #expect(difference(actual, expected) < 0.2 * difference(expected, floats))
  }

  /// Values stay bytes from one convolution to the next.
  @Test func bytesFlow() throws {
    let plain = try network(.generic)
    let (model, _) = try calibrated(plain)
    let quantized = try plain.quantized(model)
    let structure = PlanStructure(
      quantized.nodes, outputs: quantized.outputs, mode: .inference, keepsMoments: false)
    let flow = ByteFlow(quantized.nodes, structure, model.quantization)
    let makers = quantized.nodes.indices.filter { flow.places[$0].makesBytes }
    // 3 and 5 are computed by 2 and 4. 7 takes a pass, 10 and 11 are floats for the grouped layer, and 12
    // is read by the head.
    #expect(structure.sums.keys.sorted() == [2, 4])
    #expect(makers == [0, 1, 2, 4, 6])
    let converted = quantized.nodes.indices.filter {
      flow.places[$0].hasBytes && flow.places[$0].hasFloats
    }
    #expect(converted == [6, 7, 11])
    #expect(flow.input.wantsBytes && !flow.input.wantsFloats)
    // Layers that move values and what they read have the same bytes.
    for (a, b) in [(4, 6), (6, 10), (8, 9), (9, 10)] {
      #expect(model.quantization[a] == model.quantization[b] && model.quantization[a] != nil)
    }
    #expect(model.quantization[0] != model.quantization[1])
  }

  /// Whatever kernels and threads there are.
  @Test func theSameBitsEverywhere() throws {
    let results = try ByteKernels.supported.map { kernels in
      let plain = try network(.generic)
      let (model, plan) = try calibrated(plain)
      let other = try network(kernels)
      // Layers in floats are computed by the same kernels here.
      let own = try other.quantized(model).makePlan(input: plan.input.shape, mode: .inference)
      own.input.update(from: plan.input.values)
      own.forward()
      return own.output(of: plain.nodes.count - 1).values
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  /// Biases take back what the rounding of weights adds on average; large weights beside small ones make it
  /// much.
  @Test(arguments: ["", "groups=3\n"])
  func biasesMeetTheMean(_ groups: String) throws {
    let text =
      "[net]\nwidth=20\nheight=20\nchannels=3\n[convolutional]\nfilters=3\nsize=1\n\(groups)"
      + "activation=linear\n[convolutional]\nfilters=6\nactivation=linear\n[yolo]\nmask=0\nanchors=4,4\nclasses=1\nnum=1\n"
    let network = try Network(
      parse(text), backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
    let layer = try #require(network.nodes[0].layer as? Convolution)
    layer.weights.values.update(
      from: (0..<layer.weights.values.count).map {
        $0 % 4 == 0 ? 40 : 0.07 * Float($0 % 5) + 0.11
      })
    let plan = try network.makePlan(input: network.inputShape(batch: 1), mode: .inference)
    plan.input.update(from: randomValues(plan.input.count, in: 0...1, seed: 3))
    var statistics = CalibrationStatistics(network)
    statistics.add(plan)
    let weights = try #require(network.quantizedWeights(of: 0, statistics))
    let input = plan.input.values
    let plain = layer.weights.values.values
    func mean(_ values: [Float], _ biases: [Float], _ k: Int) -> Double {
      let pixels = input.count / 3
      return (0..<pixels).reduce(0.0) { sum, pixel in
        var z = Double(biases[k])
        for c in 0..<weights.shape.width {
          z += Double(input[3 * pixel + (groups.isEmpty ? c : k)]) * Double(values[3 * c + k])
        }
        return sum + z
      } / Double(pixels)
    }
    for k in 0..<3 {
      let expected = mean(plain, layer.biases.values.values, k)
      #expect(abs(mean(weights.rounded, weights.biases, k) - expected) < 1e-4)
      #expect(weights.biases[k] != 0 || mean(weights.rounded, weights.biases, k) == expected)
    }
    // A depthwise filter of one weight is met as it is.
    if groups.isEmpty { #expect(weights.biases.contains { abs($0) > 1e-3 }) }
  }

  @Test func cannotBeTrained() throws {
    let plain = try network(.generic)
    let quantized = try plain.quantized(try calibrated(plain).0)
    #expect(
      message {
        try quantized.makePlan(input: quantized.inputShape(batch: 1), mode: .training)
      } == "x.cfg: is quantised and cannot be trained; take the model that it was made of")
  }

  @Test func whatIsMissingIsNamed() throws {
    let plain = try network(.generic)
    var model = try calibrated(plain).0
    model.quantization.outputs[0] = nil
    let quantized = try plain.quantized(model)
    #expect(
      message { try quantized.makePlan(input: plain.inputShape(batch: 1), mode: .inference) }
        .contains("does not say what the bytes of layer 0 are"))
    let weights = try #require(model.weights[12])
    #expect(
      message {
        try plain.quantized(.init(quantization: model.quantization, weights: [0: weights]))
      }
      .contains("needs weights 3x3x3x8, not 3x3x12x7"))
    #expect(
      message {
        try plain.quantized(.init(quantization: model.quantization, weights: [3: weights]))
      }
      .contains("is no convolution"))
  }
}
