import Compute
import Darknet
import Geometry
import Keypoints
import Layers
import Networks
import Testing
import Uncertainty

@testable import Tasks

/// A network whose maps, one for each of three keypoints, are as large as its input.
struct SmallHeatmaps<Kind: HeatmapTarget> {
  let network: Network
  let task: HeatmapTask<Kind>

  /// A network with `keys` in `[heatmap]`, perhaps with a Bayesian layer beside the maps; `hidden`
  /// convolutions stand in front, and without one the maps are the input itself.
  init(
    _ keys: String = "", hasBranch: Bool = false, size: (width: Int, height: Int) = (4, 4),
    hidden: Int = 0, threads: Int = 1
  ) throws {
    var text = "[net]\nwidth=\(size.width)\nheight=\(size.height)\nchannels=3\n"
    for _ in 0..<max(1, hidden) {
      text +=
        "[convolutional]\nfilters=3\nsize=\(hidden > 0 ? 3 : 1)\npad=1\n"
        + "activation=\(hidden > 0 ? "swish" : "linear")\n"
    }
    if hasBranch { text += "[convBayes]\nfilters=3\nsamples=0\n[route]\nlayers=-2\n" }
    text += "[convolutional]\nfilters=3\nsize=1\nactivation=linear\n[heatmap]\n"
    if hasBranch { text += "uncertainty=-3\n" }
    if !Kind.isPerson { text += "kind=centers\n" }
    let file = try ConfigurationFile(
      text: text + keys.replacing(" ", with: "\n") + "\n", fileName: "small.cfg")
    network = try Network(file, backend: CPUBackend(pool: try ThreadPool(threadCount: threads)))
    task = try HeatmapTask<Kind>(network)
    if hidden == 0 { setConvolutions() }
  }

  /// Lets every layer hand its input on, the branch half of it.
  private func setConvolutions() {
    for node in network.nodes {
      let factor: Float = node.layer is ConvBayes ? 0.5 : 1
      for parameter in node.layer.parameters {
        let count = parameter.values.count
        parameter.values.update(
          from: (0..<count).map { count == 9 && $0 % 4 == 0 ? factor : 0 })
      }
    }
    network.parametersDidChange()
  }

  /// The layer of the logits.
  var logits: Int { task.outputs[0].layer }

  /// Runs a batch of inputs [N, H, W, 3] forward.
  func forward(_ input: [Float], mode: Mode = .training) throws -> NetworkPlan {
    let shape = network.inputShape(batch: 1)
    let plan = try network.makePlan(
      input: network.inputShape(batch: input.count / shape.count), mode: mode,
      keepsMoments: task.needsMoments)
    plan.input.update(from: input)
    plan.forward()
    return plan
  }
}

/// Three keypoints, the first two of which are a pair.
func threeKeypoints() throws -> KeypointLayout {
  try KeypointLayout(names: ["left", "right", "top"], pairs: [(0, 1)])
}

/// Keypoints of an image, positions as fractions of the input.
func keypoints(_ points: [LabelledKeypoint]) throws -> KeypointTruth {
  KeypointTruth(layout: try threeKeypoints(), points: points)
}
