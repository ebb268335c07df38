import Compute
import Darknet
import Detection
import Layers
import Networks
import Uncertainty

/// Where the uncertainty of a head's objectness comes from.
struct BranchMoments {
  /// The branch.
  let branch: UncertaintyBranch
  /// Its Bayesian layers in order.
  let layers: [ConvBayes]
  private let filters: ObjectnessFilters?
  private let classes: ClassFilters?
  private let features: Int?
  private let backend: any Backend

  /// The branch beside a head.
  init(branch: UncertaintyBranch, of output: DetectionOutput, in network: Network) {
    let (head, layer) = (output.head, output.layer)
    self.branch = branch
    backend = network.backend
    let nodes = network.nodes
    layers = BranchStructure.chain(endingAt: branch.layer, nodes).compactMap {
      nodes[$0].layer as? ConvBayes
    }
    let convolution = nodes[nodes[layer].inputs[0]].layer as? Convolution
    filters =
      branch.mode == .series
      ? convolution.map { ObjectnessFilters(head: head, convolution: $0) } : nil
    features = output.features(nodes)
    classes =
      features == nil ? nil : convolution.map { ClassFilters(head: head, convolution: $0) }
  }

  /// The variances of the class logits, N · H · W · A · L in this order; nil where they are not asked for.
  ///
  /// - Throws: `ComputeError`.
  func classVariances(_ plan: NetworkPlan) throws -> [Float]? {
    guard let classes, let features, let layer = layers.last else { return nil }
    return try classes.variances(
      of: features < 0 ? plan.normalizedInput : plan.output(of: features),
      factors: layer.factors.values, backend: backend)
  }

  /// The moments of the batch after a forward pass that keeps them.
  ///
  /// - Throws: `ComputeError`.
  func values(_ plan: NetworkPlan, grid: AnchorGrid) throws -> AnchorMoments {
    guard var moments = plan.moments(of: branch.layer) else {
      preconditionFailure("the plan keeps no moments")
    }
    if let filters { moments = try filters.propagate(moments, backend: backend) }
    return AnchorMoments(
      grid: grid, imageCount: plan.input.shape.batch, means: moments.mean.values,
      variances: moments.variance.values)
  }
}
