import Compute
import Darknet
import Detection
import Layers
import Losses
import Networks
import Uncertainty

extension ONNXModel {
  /// Adds what the network's outputs mean.
  mutating func addOutputs() throws {
    if !network.heads.isEmpty {
      try addHeads(network.heads)
    } else if let classifier = network.classifier {
      graph.layer = ""
      for (name, node) in [
        ("probabilities", classifier.probabilities), ("logits", classifier.logits),
      ] {
        try addOutput(name, [0, classifier.classCount], ofLayer: node)
      }
    } else if let map = network.heatmaps.last {
      let shape = plan.shapes[map.layer]
      graph.layer = ""
      let logits = try value(map.layer, readBy: network.nodes[map.layer])
      let heat = map.training.loss.isLogistic ? graph.activate(logits, .logistic) : logits
      addOutput("heatmaps", heat, [0, shape.channels, shape.height, shape.width])
    } else {
      let last = network.nodes.count - 1
      let shape = plan.shapes[last]
      graph.layer = ""
      try addOutput("output", [0, shape.channels, shape.height, shape.width], ofLayer: last)
    }
    if !options.leavesOutUncertainty {
      try addExpectedIoU()
      try addUncertainty()
    }
  }

  private mutating func addHeads(_ heads: [DetectionOutput]) throws {
    var found: [ONNXGraph.DecodedHead] = []
    for (index, output) in heads.enumerated() {
      let shape = plan.shapes[output.layer]
      let logits = try value(output.layer, readBy: network.nodes[output.layer])
      if options.hasRawHeads {
        graph.layer = ""
        addOutput("logits_\(index)", logits, [0, shape.channels, shape.height, shape.width])
      } else {
        graph.layer = "head_\(index)"
        found.append(graph.decode(logits, output.head, shape: shape, input: plan.input.shape))
      }
    }
    guard !options.hasRawHeads else { return }
    let count = heads.reduce(0) { $0 + plan.shapes[$1.layer].rows * $1.head.anchorCount }
    graph.layer = ""
    addOutput("boxes", join(found.map(\.boxes)), [0, count, 4])
    addOutput("scores", join(found.map(\.scores)), [0, count, heads[0].head.classCount])
    addOutput("objectness", join(found.map(\.objectness)), [0, count, 1])
  }

  /// The IoU with an object that each box is expected to have, where every head has a branch for it.
  private mutating func addExpectedIoU() throws {
    let heads = network.heads.compactMap { head in head.expectedIoU.map { (head, $0.layer) } }
    guard !heads.isEmpty, heads.count == network.heads.count else { return }
    var parts: [String] = []
    var count = 0
    for (head, layer) in heads {
      let node = network.nodes[layer]
      let source = node.inputs[0]
      graph.layer = "\(layer)_\(node.layer.kind)"
      let read = try value(source, readBy: node)
      let shape = source < 0 ? plan.input.shape : plan.shapes[source]
      guard let logits = graph.add(node.layer, [read], [shape]) else {
        throw unsupported(node, "[\(node.layer.kind)] cannot be written as ONNX here")
      }
      let (anchors, cells) = (head.head.anchorCount, plan.shapes[head.layer].rows)
      count += cells * anchors
      let values = graph.anchorsLast(
        graph.activate(logits, .logistic), anchors, 1, cells: cells)
      parts.append(graph.reshape(values, [0, cells * anchors, 1]))
    }
    graph.layer = ""
    addOutput("expected_iou", join(parts), [0, count, 1])
  }

  /// Mean, variance and BALD of every decision with a Bayesian layer beside it.
  private mutating func addUncertainty() throws {
    let heads = network.heads
    var branches: [(branch: UncertaintyBranch, bald: BALD?, anchors: Int?)] = []
    if !heads.isEmpty {
      branches = heads.compactMap { head in
        head.objectness.branch.map {
          ($0, head.objectness.difficulty.bald, head.head.anchorCount)
        }
      }
      // Numbers of some anchors only would not lie beside their boxes.
      guard branches.count == heads.count else { return }
    } else if let branch = network.classifier?.branch {
      branches = [(branch, nil, nil)]
    } else if let training = network.heatmaps.last?.training, let branch = training.branch {
      branches = [(branch, training.difficulty.bald, nil)]
    }
    guard !branches.isEmpty else { return }
    var means: [String] = []
    var variances: [String] = []
    var bits: [String] = []
    var shape: [Int] = []
    for (branch, bald, anchors) in branches {
      let node = network.nodes[branch.layer]
      guard let layer = node.layer as? ConvBayes, !layer.readsMoments, branch.mode != .series else {
        throw unsupported(
          node,
          "a chain of Bayesian layers has no ONNX form here; leave the uncertainty out with "
            + "--without-uncertainty")
      }
      graph.layer = "\(branch.layer)_\(layer.kind)"
      let own = plan.shapes[branch.layer]
      var (mean, variance) = graph.moments(try value(node.inputs[0], readBy: node), layer)
      if let anchors {
        let cells = own.rows
        mean = graph.reshape(
          graph.anchorsLast(mean, anchors, 1, cells: cells), [0, cells * anchors, 1])
        variance = graph.reshape(
          graph.anchorsLast(variance, anchors, 1, cells: cells), [0, cells * anchors, 1])
        shape = [0, (shape.isEmpty ? 0 : shape[1]) + cells * anchors, 1]
      } else if network.classifier != nil {
        shape = [0, own.channels]
        mean = graph.reshape(mean, shape)
        variance = graph.reshape(variance, shape)
      } else {
        shape = [0, own.channels, own.height, own.width]
      }
      means.append(mean)
      variances.append(variance)
      if let bald, bald.form == .closedForm {
        bits.append(graph.closedForm(mean: mean, variance: variance, scale: bald.logitScale))
      }
    }
    graph.layer = ""
    addOutput("mean", join(means), shape)
    addOutput("variance", join(variances), shape)
    if bits.count == branches.count { addOutput("bald", join(bits), shape) }
  }

  /// Values of several heads one after the other.
  private mutating func join(_ parts: [String]) -> String {
    parts.count == 1 ? parts[0] : graph.add("Concat", parts, [.integer("axis", 1)])
  }

  private mutating func addOutput(_ name: String, _ shape: [Int], ofLayer index: Int) throws {
    let value = try value(index, readBy: network.nodes[index])
    addOutput(name, graph.reshape(value, shape), shape)
  }

  /// Adds an output; 0 in its shape stands for N.
  private mutating func addOutput(_ name: String, _ value: String, _ shape: [Int]) {
    outputs.append((graph.add("Identity", [value], as: name), shape))
  }
}
